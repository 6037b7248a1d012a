<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** One way in which a pending login can be answered. */
final class LoginMethod
{
    /**
     * @param string|null $destination masked address or number
     * @param int|null $remaining unused recovery codes
     * @param string|null $authenticatorId tells several addresses or numbers apart
     */
    public function __construct(
        public readonly Method $method,
        public readonly bool $preferred,
        public readonly ?string $destination,
        public readonly ?int $remaining,
        public readonly ?string $authenticatorId = null,
    ) {
    }

    public function is(self $other): bool
    {
        return $this->method === $other->method && $this->authenticatorId === $other->authenticatorId;
    }

    /** @return self|null null for a method of a newer service, which this library cannot show */
    public static function fromPayload(Payload $payload): ?self
    {
        $method = Method::tryFrom($payload->string('method'));
        if ($method === null) {
            return null;
        }
        return new self(
            $method,
            $payload->has('preferred') && $payload->bool('preferred'),
            $payload->stringOrNull('destination'),
            $payload->intOrNull('remaining'),
            $payload->stringOrNull('authenticator_id'),
        );
    }
}
