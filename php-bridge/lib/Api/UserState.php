<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** What the service knows about one user. */
final class UserState
{
    /**
     * @param list<Authenticator> $authenticators
     * @param list<KnownDevice> $trustedDevices
     * @param bool $required the policy requires this user to have an authenticator, grace or not
     * @param list<Method> $enrollable what the policy allows and the service can serve
     * @param array<string, string> $knownDestinations masked, by method: what the host says of the user
     */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly bool $enrolled,
        public readonly ?string $preferredMethod,
        public readonly array $authenticators,
        public readonly int $recoveryCodesRemaining,
        public readonly ?\DateTimeImmutable $lockedUntil,
        public readonly array $trustedDevices = [],
        public readonly bool $required = false,
        public readonly array $enrollable = [],
        public readonly array $knownDestinations = [],
    ) {
    }

    public function authenticator(string $id): ?Authenticator
    {
        foreach ($this->authenticators as $authenticator) {
            if ($authenticator->id === $id) {
                return $authenticator;
            }
        }
        return null;
    }

    /** @return list<string> the methods of the authenticators, each once */
    public function enrolledMethods(): array
    {
        return array_values(array_unique(array_column($this->authenticators, 'method')));
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
            array_map(KnownDevice::fromPayload(...), $payload->objectsOrNone('trusted_devices')),
            // A roster says less about each user than the user's own page needs.
            $payload->has('required') && $payload->bool('required'),
            array_values(array_filter(array_map(Method::tryFrom(...), $payload->stringsOrNone('enrollable')))),
            $payload->stringMap('known_destinations'),
        );
    }
}
