<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Account;

use MfaSidecar\Flow\PendingEnrollment;
use MfaSidecar\Flow\PendingEnrollmentStore;
use MfaSidecar\WordPress\SealedStore;

/** The set-up that a signed-in person has begun, sealed with the token of their session and lost with it. */
final class SetUpStore implements PendingEnrollmentStore
{
    private const KEEP_SECONDS = 3600;

    private readonly SealedStore $store;

    public function __construct(#[\SensitiveParameter] private readonly string $sessionToken)
    {
        $this->store = new SealedStore('setup');
    }

    public function load(): ?PendingEnrollment
    {
        $fields = $this->sessionToken === '' ? null : $this->store->get($this->sessionToken);
        return $fields === null ? null : PendingEnrollment::fromArray($fields);
    }

    public function save(PendingEnrollment $pending): void
    {
        $this->store->put($this->sessionToken, $pending->toArray(), self::KEEP_SECONDS);
    }

    public function clear(): void
    {
        $this->store->delete($this->sessionToken);
    }
}
