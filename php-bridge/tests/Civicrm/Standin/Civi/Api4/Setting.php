<?php

declare(strict_types=1);

namespace Civi\Api4;

use Civi\Api4\Action\Setting\Change;
use Civi\Api4\Generic\AbstractEntity;

class Setting extends AbstractEntity
{
    public static function get(bool $checkPermissions = true): Change
    {
        return (new Change('Setting', 'get'))->setCheckPermissions($checkPermissions);
    }

    public static function set(bool $checkPermissions = true): Change
    {
        return (new Change('Setting', 'set'))->setCheckPermissions($checkPermissions);
    }

    public static function revert(bool $checkPermissions = true): Change
    {
        return (new Change('Setting', 'revert'))->setCheckPermissions($checkPermissions);
    }
}
