<?php

declare(strict_types=1);

namespace Civi\Standalone;

use MfaSidecar\Tests\Civicrm\Standin\World;

class Security
{
    public static function singleton(): self
    {
        return new self();
    }

    public function checkPassword(string $username, string $password): ?int
    {
        foreach (World::state()['users'] as $user) {
            if ($user['username'] === $username && $user['is_active']) {
                return password_verify($password, $user['hashed_password']) ? $user['id'] : null;
            }
        }
        return null;
    }
}
