<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A code that went out by mail or SMS. */
final class Delivery
{
    /**
     * @param string|null $authenticatorId null while the destination is being set up
     * @param string $destination masked
     * @param int $resendAfter seconds; 0: now
     */
    public function __construct(
        public readonly Method $method,
        public readonly ?string $authenticatorId,
        public readonly string $destination,
        public readonly \DateTimeImmutable $expiresAt,
        public readonly int $resendAfter,
        public readonly DeliveryState $state = DeliveryState::Accepted,
    ) {
    }

    /** @return self of an answer to a sending call, which comes only when the code was accepted, or of `sent_code` */
    public static function fromPayload(Payload $payload): self
    {
        $state = $payload->stringOrNull('delivery');
        return new self(
            Method::tryFrom($payload->string('method')) ?? throw $payload->wrong('method'),
            $payload->stringOrNull('authenticator_id'),
            $payload->string('destination'),
            $payload->time('expires_at'),
            $payload->int('resend_after'),
            $state === null
                ? DeliveryState::Accepted
                : DeliveryState::tryFrom($state) ?? throw $payload->wrong('delivery'),
        );
    }
}
