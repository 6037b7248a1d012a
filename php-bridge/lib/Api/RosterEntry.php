<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** One user's row in the roster. */
final class RosterEntry
{
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly bool $enrolled,
        public readonly ?\DateTimeImmutable $lockedUntil,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            $payload->string('id'),
            $payload->string('name'),
            $payload->bool('enrolled'),
            $payload->timeOrNull('locked_until'),
        );
    }
}
