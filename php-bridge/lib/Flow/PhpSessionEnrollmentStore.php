<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** Keeps the pending set-up in PHP's session, which the host has started. */
final class PhpSessionEnrollmentStore implements PendingEnrollmentStore
{
    private const KEY = 'mfa_sidecar_pending_enrollment';

    public function load(): ?PendingEnrollment
    {
        $fields = $_SESSION[self::KEY] ?? null;
        return is_array($fields) ? PendingEnrollment::fromArray($fields) : null;
    }

    public function save(PendingEnrollment $pending): void
    {
        $_SESSION[self::KEY] = $pending->toArray();
    }

    public function clear(): void
    {
        unset($_SESSION[self::KEY]);
    }
}
