<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A code was sent by mail or SMS. */
final class Delivery
{
    /**
     * @param string $destination masked
     * @param int $resendAfter seconds
     */
    public function __construct(
        public readonly string $destination,
        public readonly \DateTimeImmutable $expiresAt,
        public readonly int $resendAfter,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->string('destination'), $payload->time('expires_at'), $payload->int('resend_after'));
    }
}
