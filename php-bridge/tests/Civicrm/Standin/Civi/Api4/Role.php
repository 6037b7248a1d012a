<?php

declare(strict_types=1);

namespace Civi\Api4;

use Civi\Api4\Generic\AbstractEntity;
use Civi\Api4\Generic\Rows;

class Role extends AbstractEntity
{
    public static function get(bool $checkPermissions = true): Rows
    {
        return (new Rows('Role', [
            ['id' => 1, 'name' => 'everyone', 'label' => 'Everyone'],
            ['id' => 2, 'name' => 'admin', 'label' => 'Administrator'],
            ['id' => 3, 'name' => 'staff', 'label' => 'Staff <b>'],
        ]))->setCheckPermissions($checkPermissions);
    }
}
