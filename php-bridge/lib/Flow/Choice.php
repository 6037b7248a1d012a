<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\LoginMethod;
use MfaSidecar\Api\Method;

/** Which way the person has picked on the pages of a pending login, so that a reload shows the same page. */
final class Choice
{
    /**
     * @param string|null $destination typed for a set-up: another code to it has to name it again
     * @param string|null $country of that number
     * @param bool $asksDestination the form for the address is wanted although a code may be on its way
     */
    public function __construct(
        public readonly ?Method $method = null,
        public readonly ?string $authenticatorId = null,
        public readonly ?string $destination = null,
        public readonly ?string $country = null,
        public readonly bool $asksDestination = false,
    ) {
    }

    public static function of(LoginMethod $method): self
    {
        return new self($method->method, $method->authenticatorId);
    }

    /** @return array<string, string|int|null> */
    public function toArray(): array
    {
        return [
            'method' => $this->method?->value,
            'authenticatorId' => $this->authenticatorId,
            'destination' => $this->destination,
            'country' => $this->country,
            'asksDestination' => (int) $this->asksDestination,
        ];
    }

    /** @param array<string, string|int|null> $fields of toArray() */
    public static function fromArray(array $fields): self
    {
        return new self(
            Method::tryFrom($fields['method'] ?? ''),
            $fields['authenticatorId'] ?? null,
            $fields['destination'] ?? null,
            $fields['country'] ?? null,
            (bool) ($fields['asksDestination'] ?? false),
        );
    }
}
