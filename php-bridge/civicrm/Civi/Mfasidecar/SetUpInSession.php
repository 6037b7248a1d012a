<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Flow\PendingEnrollment;
use MfaSidecar\Flow\PendingEnrollmentStore;

/** Keeps a set-up that self-service has begun, sealed, for its secret is in it; SelfService checks whose it is. */
final class SetUpInSession implements PendingEnrollmentStore
{
    private const KEY = 'setUp';

    public function load(): ?PendingEnrollment
    {
        $fields = BrowserSession::getSealed(self::KEY);
        return $fields !== null ? PendingEnrollment::fromArray($fields) : null;
    }

    public function save(PendingEnrollment $pending): void
    {
        BrowserSession::setSealed(self::KEY, $pending->toArray());
    }

    public function clear(): void
    {
        BrowserSession::setSealed(self::KEY, null);
    }
}
