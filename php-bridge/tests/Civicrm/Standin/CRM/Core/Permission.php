<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

class CRM_Core_Permission
{
    public static function check(string $permission, ?int $contactId = null): bool
    {
        $user = World::state()['users'][CRM_Utils_System::getLoggedInUfID()] ?? null;
        return $permission === '*always allow*' || in_array('admin', $user['roles:name'] ?? [], true);
    }
}
