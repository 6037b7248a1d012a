<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

class CRM_Core_Permission
{
    public static function check(string $permission, ?int $contactId = null): bool
    {
        $user = World::state()['users'][CRM_Utils_System::getLoggedInUfID()] ?? null;
        $roles = $user['roles:name'] ?? [];
        // Who configures CiviCRM need not be somebody who may administer users.
        $isManager = $permission === 'administer CiviCRM' && in_array('manager', $roles, true);
        return $permission === '*always allow*' || $isManager || in_array('admin', $roles, true);
    }
}
