<?php

declare(strict_types=1);

namespace Civi\Api4;

use Civi\Api4\Action\User\Login;
use Civi\Api4\Generic\AbstractEntity;
use Civi\Api4\Generic\Rows;
use MfaSidecar\Tests\Civicrm\Standin\World;

class User extends AbstractEntity
{
    public static function get(bool $checkPermissions = true): Rows
    {
        return (new Rows('User', array_values(World::state()['users'])))->setCheckPermissions($checkPermissions);
    }

    public static function login(bool $checkPermissions = true): Login
    {
        return (new Login('User', 'login'))->setCheckPermissions($checkPermissions);
    }

    public static function permissions(): array
    {
        return ['login' => ['*always allow*'], 'default' => ['cms:administer users']];
    }
}
