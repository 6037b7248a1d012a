<?php

declare(strict_types=1);

namespace Civi\Api4;

use Civi\Api4\Generic\AbstractEntity;
use Civi\Api4\Generic\Rows;
use MfaSidecar\Tests\Civicrm\Standin\World;

class Totp extends AbstractEntity
{
    public static function get(bool $checkPermissions = true): Rows
    {
        return (new Rows('Totp', World::state()['totp'] ?? []))->setCheckPermissions($checkPermissions);
    }
}
