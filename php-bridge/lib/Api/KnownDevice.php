<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A browser that a user trusts, as the user's list shows it; never with its token. */
final class KnownDevice
{
    /** @param string $name such as "Firefox on Linux" */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly \DateTimeImmutable $createdAt,
        public readonly ?\DateTimeImmutable $lastUsedAt,
        public readonly \DateTimeImmutable $expiresAt,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            $payload->string('id'),
            $payload->stringOrNull('name') ?? '',
            $payload->time('created_at'),
            $payload->timeOrNull('last_used_at'),
            $payload->time('expires_at'),
        );
    }
}
