<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** The token for the browser's cookie that replaces the one before. */
final class TrustedDevice
{
    public function __construct(
        #[\SensitiveParameter]
        public readonly string $token,
        public readonly \DateTimeImmutable $expiresAt,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->string('token'), $payload->time('expires_at'));
    }

    public function __debugInfo(): array
    {
        return ['expiresAt' => $this->expiresAt];
    }
}
