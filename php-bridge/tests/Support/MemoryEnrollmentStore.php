<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

use MfaSidecar\Flow\PendingEnrollment;
use MfaSidecar\Flow\PendingEnrollmentStore;

/** One browser's pending set-up. */
final class MemoryEnrollmentStore implements PendingEnrollmentStore
{
    public ?PendingEnrollment $pending = null;

    public function load(): ?PendingEnrollment
    {
        return $this->pending;
    }

    public function save(PendingEnrollment $pending): void
    {
        // Through the array, as a session would keep it.
        $this->pending = PendingEnrollment::fromArray($pending->toArray());
    }

    public function clear(): void
    {
        $this->pending = null;
    }
}
