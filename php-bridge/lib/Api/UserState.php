<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** What the service knows about one user. */
final class UserState
{
    /** @param list<Authenticator> $authenticators */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly bool $enrolled,
        public readonly ?string $preferredMethod,
        public readonly array $authenticators,
        public readonly int $recoveryCodesRemaining,
        public readonly ?\DateTimeImmutable $lockedUntil,
    ) {
    }

    /** Wrong codes have locked this user, and the lock still holds. */
    public function isLocked(\DateTimeInterface $now): bool
    {
        return $this->lockedUntil !== null && $this->lockedUntil > $now;
    }

    /** No time ends this lock, only an administrator. The service says it by the last year that its times know. */
    public function isLockedForGood(): bool
    {
        return $this->lockedUntil?->format('Y') === '9999';
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            $payload->string('id'),
            $payload->string('name'),
            $payload->bool('enrolled'),
            $payload->stringOrNull('preferred_method'),
            array_map(Authenticator::fromPayload(...), $payload->objects('authenticators')),
            $payload->int('recovery_codes_remaining'),
            $payload->timeOrNull('locked_until'),
        );
    }
}
