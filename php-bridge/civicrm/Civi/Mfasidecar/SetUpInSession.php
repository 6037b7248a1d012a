<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Flow\PendingEnrollment;
use MfaSidecar\Flow\PendingEnrollmentStore;

/** Keeps a set-up that self-service has begun; SelfService checks whose it is. */
final class SetUpInSession implements PendingEnrollmentStore
{
    private const KEY = 'setUp';

    public function load(): ?PendingEnrollment
    {
        $fields = BrowserSession::get(self::KEY);
        return is_array($fields) ? PendingEnrollment::fromArray($fields) : null;
    }

    public function save(PendingEnrollment $pending): void
    {
        BrowserSession::set(self::KEY, $pending->toArray());
    }

    public function clear(): void
    {
        BrowserSession::set(self::KEY, null);
    }
}
