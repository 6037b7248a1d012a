<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\User;

/** A user of the demo. */
final class Account
{
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly string $displayName,
        public readonly string $role,
        #[\SensitiveParameter]
        public readonly string $passwordHash,
    ) {
    }

    public function isAdministrator(): bool
    {
        return $this->role === 'administrator';
    }

    public function forService(): User
    {
        return new User(
            $this->id,
            $this->name,
            roles: [$this->role],
            // Changes with the password and tells nothing about it.
            credentialVersion: hash('sha256', 'credential version ' . $this->passwordHash),
        );
    }

    public function __debugInfo(): array
    {
        return ['id' => $this->id, 'name' => $this->name];
    }
}
