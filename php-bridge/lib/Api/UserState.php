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
