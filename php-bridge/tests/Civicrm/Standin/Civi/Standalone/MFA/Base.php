<?php

declare(strict_types=1);

namespace Civi\Standalone\MFA;

/** Core's half of a method: the pending login, in the session. */
class Base
{
    private const KEY = 'pendingLogin';

    public function __construct(public ?int $userID)
    {
    }

    public function updatePendingLogin(array $changes): array
    {
        $pending = array_merge(\CRM_Core_Session::singleton()->get(self::KEY) ?? [], $changes);
        \CRM_Core_Session::singleton()->set(self::KEY, $pending);
        return $pending;
    }

    public function clearPendingLogin()
    {
        \CRM_Core_Session::singleton()->set(self::KEY, []);
    }

    public static function getPendingLogin(): ?array
    {
        $pending = \CRM_Core_Session::singleton()->get(self::KEY);
        if (is_array($pending) && ($pending['expiry'] ?? 0) >= time()) {
            return $pending;
        }
        \CRM_Core_Session::singleton()->set(self::KEY, []);
        return null;
    }

    public static function classIsAvailable(string $name): ?string
    {
        $class = __NAMESPACE__ . "\\$name";
        $isEnabled = in_array($name, (array) \Civi::settings()->get('standalone_mfa_enabled'), true);
        return $isEnabled && is_subclass_of($class, MFAInterface::class) ? $class : null;
    }
}
