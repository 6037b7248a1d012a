<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A country to which the service may send text messages. */
final class SmsCountry
{
    /**
     * @param string $country ISO 3166-1 alpha-2
     * @param string $callingCode such as `+43`
     */
    public function __construct(
        public readonly string $country,
        public readonly string $callingCode,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->string('country'), $payload->string('calling_code'));
    }
}
