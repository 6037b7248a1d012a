<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** One line of the audit log. */
final class AuditEvent
{
    /** @param array<string, mixed> $members all members, those of a newer service included */
    public function __construct(
        public readonly \DateTimeImmutable $at,
        public readonly string $action,
        public readonly array $members,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self($payload->time('at'), $payload->string('action'), $payload->all());
    }
}
