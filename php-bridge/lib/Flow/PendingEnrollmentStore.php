<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** Keeps one pending set-up for each signed-in browser, on the server, and loses it when the person signs out. */
interface PendingEnrollmentStore
{
    public function load(): ?PendingEnrollment;

    public function save(PendingEnrollment $pending): void;

    public function clear(): void;
}
