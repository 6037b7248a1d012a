<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Standalone\MFA\Base;
use MfaSidecar\Flow\PendingLogin;
use MfaSidecar\Flow\PendingLoginStore;

/**
 * Keeps our half of a login inside core's `pendingLogin`, so that neither outlives the other.
 *
 * Core gives a pending login two minutes. Setting up an app, or waiting for a mail, takes longer: the expiry follows
 * the service's.
 */
final class PendingLoginInSession implements PendingLoginStore
{
    private const KEY = 'mfasidecar';

    public function __construct(private readonly int $userId)
    {
    }

    /** The one whose password core has checked in this browser; null when there is none. */
    public static function ofBrowser(): ?self
    {
        $userId = Base::getPendingLogin()['userID'] ?? null;
        return $userId === null ? null : new self((int) $userId);
    }

    public function load(): ?PendingLogin
    {
        $core = Base::getPendingLogin();
        $fields = $core[self::KEY] ?? null;
        $isOfThisUser = (int) ($core['userID'] ?? 0) === $this->userId;
        $pending = is_array($fields) && $isOfThisUser ? PendingLogin::fromArray($fields) : null;
        // Core signs in the user of its own record: ours has to be about the same one.
        return $pending?->userId === (string) $this->userId ? $pending : null;
    }

    public function save(PendingLogin $pending): void
    {
        (new Base($this->userId))->updatePendingLogin([
            self::KEY => $pending->toArray(),
            'expiry' => $pending->expiresAt,
        ]);
    }

    public function clear(): void
    {
        // Core's own fields stay: a login begins by clearing ours.
        if (Base::getPendingLogin() !== null) {
            (new Base($this->userId))->updatePendingLogin([self::KEY => null]);
        }
    }
}
