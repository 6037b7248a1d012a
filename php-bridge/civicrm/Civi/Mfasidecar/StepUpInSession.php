<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Flow\PendingLogin;
use MfaSidecar\Flow\PendingLoginStore;

/** Keeps a step-up of the person who is signed in. */
final class StepUpInSession implements PendingLoginStore
{
    private const KEY = 'stepUp';

    public function __construct(private readonly int $userId)
    {
    }

    public function load(): ?PendingLogin
    {
        $fields = BrowserSession::get(self::KEY);
        $pending = is_array($fields) ? PendingLogin::fromArray($fields) : null;
        return $pending?->userId === (string) $this->userId ? $pending : null;
    }

    public function save(PendingLogin $pending): void
    {
        BrowserSession::set(self::KEY, $pending->toArray());
    }

    public function clear(): void
    {
        BrowserSession::set(self::KEY, null);
    }
}
