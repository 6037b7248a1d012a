<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/**
 * The token that proves a form came from our own page.
 *
 * It is derived from a secret that the host binds to one browser and renews at each level of its session; the secret
 * itself never reaches a page.
 */
final class Csrf
{
    public const FIELD = 'csrf';

    /** @param string $browserSecret at least 128 random bits */
    public function __construct(
        #[\SensitiveParameter]
        private readonly string $browserSecret,
    ) {
    }

    public static function newSecret(): string
    {
        return bin2hex(random_bytes(32));
    }

    public function token(): string
    {
        return hash_hmac('sha256', 'mfa-sidecar csrf', $this->browserSecret);
    }

    public function accepts(mixed $token): bool
    {
        return is_string($token) && hash_equals($this->token(), $token);
    }

    public function __debugInfo(): array
    {
        return [];
    }
}
