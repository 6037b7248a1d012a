<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A page of the audit log, newest first. */
final class AuditPage
{
    /** @param list<AuditEvent> $events */
    public function __construct(
        public readonly array $events,
        public readonly ?string $nextCursor,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            array_map(AuditEvent::fromPayload(...), $payload->objects('events')),
            $payload->stringOrNull('next_cursor'),
        );
    }
}
