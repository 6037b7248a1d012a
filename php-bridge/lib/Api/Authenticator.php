<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** Something that a user has enrolled; never with its secret. */
final class Authenticator
{
    /**
     * @param string $method its name, that of a newer service included
     * @param bool $isWeak whether its secret is shorter than it should be: imported from another system
     */
    public function __construct(
        public readonly string $id,
        public readonly string $method,
        public readonly ?string $name,
        public readonly ?string $destination,
        public readonly \DateTimeImmutable $createdAt,
        public readonly ?\DateTimeImmutable $lastUsedAt,
        public readonly bool $isWeak = false,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            $payload->string('id'),
            $payload->string('method'),
            $payload->stringOrNull('name'),
            $payload->stringOrNull('destination'),
            $payload->time('created_at'),
            $payload->timeOrNull('last_used_at'),
            $payload->has('weak') && $payload->bool('weak'),
        );
    }
}
