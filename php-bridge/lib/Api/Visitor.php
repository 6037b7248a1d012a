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

    /** @return array<string, string> */
    public function toRequest(): array
    {
        // The header is the visitor's: it may not make the request too large.
        $userAgent = $this->userAgent === null ? null : substr($this->userAgent, 0, self::MAX_USER_AGENT_BYTES);
        return array_filter(
            ['ip' => $this->ip, 'user_agent' => $userAgent],
            static fn (?string $value): bool => $value !== null && $value !== '',
        );
    }
}
