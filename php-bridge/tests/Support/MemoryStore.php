<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

use MfaSidecar\Flow\PendingLogin;
use MfaSidecar\Flow\PendingLoginStore;

/** One browser's pending login. */
final class MemoryStore implements PendingLoginStore
{
    public ?PendingLogin $pending = null;

    public function load(): ?PendingLogin
    {
        return $this->pending;
    }

    public function save(PendingLogin $pending): void
    {
        // Through the array, as a session would keep it.
        $this->pending = PendingLogin::fromArray($pending->toArray());
    }

    public function clear(): void
    {
        $this->pending = null;
    }
}
