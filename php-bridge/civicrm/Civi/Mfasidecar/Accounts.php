<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Api4\Role;
use Civi\Api4\User as CiviUser;
use MfaSidecar\Api\User;

/** CiviCRM's users, as the service is told of them. */
final class Accounts
{
    /** @throws \CRM_Core_Exception when there is no such user, or the account is disabled */
    public static function forService(int $userId): User
    {
        $user = self::find($userId);
        if ($user === null || !$user['is_active']) {
            throw new \CRM_Core_Exception("User $userId is not there or disabled.");
        }
        return new User(
            (string) $userId,
            (string) $user['username'],
            $user['uf_name'] ?: null,
            $user['contact_id.phone_primary.phone'] ?? null,
            array_values($user['roles:name'] ?? []),
            self::versionOf($user),
            $user['language'] ?: \CRM_Core_I18n::getLocale(),
        );
    }

    /** @return array<string, mixed>|null */
    public static function find(int $userId): ?array
    {
        return CiviUser::get(false)
            ->addSelect('id', 'username', 'uf_name', 'hashed_password', 'is_active', 'language', 'roles:name')
            ->addSelect('contact_id.phone_primary.phone')
            ->addWhere('id', '=', $userId)
            ->execute()
            ->first();
    }

    /** @return string|null changes when the password changes; null: there is no such user, or the account is disabled */
    public static function credentialVersion(int $userId): ?string
    {
        $user = CiviUser::get(false)
            ->addSelect('hashed_password', 'is_active')
            ->addWhere('id', '=', $userId)
            ->execute()
            ->first();
        return $user !== null && $user['is_active'] ? self::versionOf($user) : null;
    }

    /** @return array<int, string> names of the active users, by id */
    public static function active(): array
    {
        $users = CiviUser::get(false)->addSelect('id', 'username')->addWhere('is_active', '=', true)->execute();
        return array_column((array) $users, 'username', 'id');
    }

    /** @return array<string, string> labels of the roles that people can have, by name */
    public static function roles(): array
    {
        $roles = Role::get(false)
            ->addSelect('name', 'label')
            // Everybody who is not signed in: nobody logs in with it.
            ->addWhere('name', '!=', 'everyone')
            ->addOrderBy('label')
            ->execute();
        return array_column((array) $roles, 'label', 'name');
    }

    /** Null in a command that runs without a user. */
    public static function signedIn(): ?int
    {
        return ((int) \CRM_Utils_System::getLoggedInUfID()) ?: null;
    }

    /**
     * The stored hash changes with the password, even to the same one; the service need not see it.
     *
     * @param array<string, mixed> $user
     */
    private static function versionOf(array $user): string
    {
        return hash('sha256', (string) $user['hashed_password']);
    }
}
