<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** Opens one login of one user; shown to the administrator once. */
final class OneTimePass
{
    public function __construct(
        #[\SensitiveParameter]
        public readonly string $code,
        public readonly \DateTimeImmutable $expiresAt,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->string('code'), $payload->time('expires_at'));
    }

    public function __debugInfo(): array
    {
        return ['expiresAt' => $this->expiresAt];
    }
}
