<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** Keeps the pending login in PHP's session, which the host has started. */
final class PhpSessionStore implements PendingLoginStore
{
    private const KEY = 'mfa_sidecar_pending_login';

    public function load(): ?PendingLogin
    {
        $fields = $_SESSION[self::KEY] ?? null;
        return is_array($fields) ? PendingLogin::fromArray($fields) : null;
    }

    public function save(PendingLogin $pending): void
    {
        if ($this->load()?->loginId !== $pending->loginId) {
            session_regenerate_id(true);
        }
        $_SESSION[self::KEY] = $pending->toArray();
    }

    public function clear(): void
    {
        unset($_SESSION[self::KEY]);
    }
}
