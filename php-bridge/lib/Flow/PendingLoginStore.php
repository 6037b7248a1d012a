<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/**
 * Keeps one pending login for each browser, on the server, bound to something that only this browser holds.
 *
 * An implementation gives the browser a new identifier whenever a login begins, so that one planted before the
 * password is worth nothing after it.
 */
interface PendingLoginStore
{
    public function load(): ?PendingLogin;

    public function save(PendingLogin $pending): void;

    public function clear(): void;
}
