<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\WordPress\SealedStore;

/**
 * What a person reads right after signing in: new recovery codes, until they say that they are saved, or that a second
 * step will soon be asked for. It is sealed with the session's token and lost with the session.
 */
final class Welcome
{
    private const KEEP_SECONDS = 3600;

    /**
     * @param list<string> $codes
     * @param \DateTimeImmutable|null $graceEndsAt
     * @param bool $isLogin false: the codes were made anew by somebody who was signed in, and goes back to that page
     */
    public function __construct(
        public readonly LoginContext $context,
        #[\SensitiveParameter]
        public readonly array $codes = [],
        public readonly ?\DateTimeImmutable $graceEndsAt = null,
        public readonly bool $isLogin = true,
    ) {
    }

    public static function of(#[\SensitiveParameter] string $sessionToken): ?self
    {
        $fields = $sessionToken === '' ? null : self::store()->get($sessionToken);
        return $fields === null ? null : new self(
            LoginContext::fromArray($fields['context']),
            $fields['codes'],
            $fields['graceEndsAt'] === null ? null : new \DateTimeImmutable($fields['graceEndsAt']),
            $fields['isLogin'],
        );
    }

    public static function forget(#[\SensitiveParameter] string $sessionToken): void
    {
        self::store()->delete($sessionToken);
    }

    public function keep(#[\SensitiveParameter] string $sessionToken): void
    {
        self::store()->put($sessionToken, [
            'context' => $this->context->toArray(),
            'codes' => $this->codes,
            'graceEndsAt' => $this->graceEndsAt?->format(\DATE_RFC3339),
            'isLogin' => $this->isLogin,
        ], self::KEEP_SECONDS);
    }

    private static function store(): SealedStore
    {
        return new SealedStore('welcome');
    }
}
