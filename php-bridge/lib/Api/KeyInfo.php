<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** What an API key opens. */
final class KeyInfo
{
    /** @param list<string> $roles */
    public function __construct(
        public readonly string $site,
        public readonly array $roles,
        public readonly string $serviceVersion,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->string('site'), $payload->strings('roles'), $payload->string('version'));
    }
}
