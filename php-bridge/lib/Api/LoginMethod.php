<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** One way in which a pending login can be answered. */
final class LoginMethod
{
    /**
     * @param string|null $destination masked address or number
     * @param int|null $remaining unused recovery codes
     */
    public function __construct(
        public readonly Method $method,
        public readonly bool $preferred,
        public readonly ?string $destination,
        public readonly ?int $remaining,
    ) {
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
        );
    }
}
