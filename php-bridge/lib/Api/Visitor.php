<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** Where the login comes from, for the audit log. */
final class Visitor
{
    private const MAX_USER_AGENT_BYTES = 512;

    public function __construct(
        public readonly ?string $ip = null,
        public readonly ?string $userAgent = null,
    ) {
    }

    /** @return array<string, string> without what is no address, such as the name of a proxy's socket */
    public function toRequest(): array
    {
        $ip = filter_var($this->ip, FILTER_VALIDATE_IP, FILTER_NULL_ON_FAILURE);
        // The header is the visitor's: it may not make the request too large.
        $userAgent = $this->userAgent === null ? null : substr($this->userAgent, 0, self::MAX_USER_AGENT_BYTES);
        return array_filter(
            ['ip' => $ip, 'user_agent' => $userAgent],
            static fn (?string $value): bool => $value !== null && $value !== '',
        );
    }
}
