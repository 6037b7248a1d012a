<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;

/**
 * That a user has proven a factor, for the host to keep in its session.
 *
 * The host asks it for its age before a sensitive operation; the service takes its login id as `Mfa-Step-Up` for some
 * minutes (see Client::withStepUp), and decides for itself whether it is good.
 */
final class Proof
{
    /** @param int $at Unix time on the host's clock */
    public function __construct(
        #[\SensitiveParameter]
        public readonly string $loginId,
        public readonly string $userId,
        public readonly Purpose $purpose,
        public readonly ?Method $method,
        public readonly int $at,
    ) {
    }

    /** A proof from the future is none: the clock was set back, and its age is unknown. */
    public function isFresh(int $maxAgeSeconds, ?int $now = null): bool
    {
        $age = ($now ?? time()) - $this->at;
        return $age >= 0 && $age <= $maxAgeSeconds;
    }

    /** By something that the user has, not by a look-up secret that stood in for it. */
    public function isByAuthenticator(): bool
    {
        return $this->method?->isAuthenticator() ?? false;
    }

    /** @return array<string, string|int|null> for a session that keeps scalars */
    public function toArray(): array
    {
        return [
            'loginId' => $this->loginId,
            'userId' => $this->userId,
            'purpose' => $this->purpose->value,
            'method' => $this->method?->value,
            'at' => $this->at,
        ];
    }

    /** @param array<string, string|int|null> $fields of toArray() */
    public static function fromArray(#[\SensitiveParameter] array $fields): self
    {
        return new self(
            $fields['loginId'],
            $fields['userId'],
            Purpose::from($fields['purpose']),
            Method::tryFrom($fields['method'] ?? ''),
            $fields['at'],
        );
    }

    public function __debugInfo(): array
    {
        return ['userId' => $this->userId, 'purpose' => $this->purpose, 'method' => $this->method, 'at' => $this->at];
    }
}
