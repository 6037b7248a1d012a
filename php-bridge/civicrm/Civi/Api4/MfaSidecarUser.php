<?php

declare(strict_types=1);

namespace Civi\Api4;

use Civi\Api4\Action\MfaSidecarUser\Get;
use Civi\Api4\Action\MfaSidecarUser\IssueOneTimePass;
use Civi\Api4\Action\MfaSidecarUser\RemoveAuthenticators;
use Civi\Api4\Action\MfaSidecarUser\Unlock;
use Civi\Api4\Generic\AbstractEntity;
use Civi\Api4\Generic\BasicGetFieldsAction;

/**
 * Multi-factor authentication of users.
 *
 * Each action takes `where: [['id', 'IN', [42, 43]]]` with the ids of users. An API client that may administer users
 * resets a lost authenticator by `removeAuthenticators`.
 *
 * @searchable none
 * @since 6.0
 * @package Civi\Api4
 */
class MfaSidecarUser extends AbstractEntity
{
    /** @param bool $checkPermissions */
    public static function get($checkPermissions = true): Get
    {
        return (new Get(self::getEntityName(), __FUNCTION__))->setCheckPermissions($checkPermissions);
    }

    /** @param bool $checkPermissions */
    public static function removeAuthenticators($checkPermissions = true): RemoveAuthenticators
    {
        return (new RemoveAuthenticators(self::getEntityName(), __FUNCTION__))->setCheckPermissions($checkPermissions);
    }

    /** @param bool $checkPermissions */
    public static function unlock($checkPermissions = true): Unlock
    {
        return (new Unlock(self::getEntityName(), __FUNCTION__))->setCheckPermissions($checkPermissions);
    }

    /** @param bool $checkPermissions */
    public static function issueOneTimePass($checkPermissions = true): IssueOneTimePass
    {
        return (new IssueOneTimePass(self::getEntityName(), __FUNCTION__))->setCheckPermissions($checkPermissions);
    }

    /** @param bool $checkPermissions */
    public static function getFields($checkPermissions = true): BasicGetFieldsAction
    {
        $fields = static fn (): array => [
            ['name' => 'id', 'data_type' => 'Integer', 'description' => 'Id of the user'],
            ['name' => 'enrolled', 'data_type' => 'Boolean', 'description' => 'Has set up a second step'],
            ['name' => 'methods', 'data_type' => 'Array', 'description' => 'What is set up'],
            ['name' => 'recovery_codes_remaining', 'data_type' => 'Integer'],
            ['name' => 'locked_until', 'data_type' => 'Timestamp', 'description' => 'By wrong codes; null: not locked'],
        ];
        return (new BasicGetFieldsAction(self::getEntityName(), __FUNCTION__, $fields))
            ->setCheckPermissions($checkPermissions);
    }

    /** @return array<string, list<string>> */
    public static function permissions(): array
    {
        return [
            'meta' => ['access CiviCRM'],
            'default' => ['cms:administer users'],
        ];
    }
}
