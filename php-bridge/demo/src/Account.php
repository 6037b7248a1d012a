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
        public readonly ?string $email = null,
        public readonly ?string $phone = null,
    ) {
    }

    public function isAdministrator(): bool
    {
        return $this->role === 'administrator';
    }

    /** Changes with the password and tells nothing about it. */
    public function credentialVersion(): string
    {
        return hash('sha256', 'credential version ' . $this->passwordHash);
    }

    /** @param string $language that the person reads now, for mails and text messages */
    public function forService(string $language): User
    {
        return new User(
            $this->id,
            $this->name,
            $this->email,
            $this->phone,
            [$this->role],
            $this->credentialVersion(),
            $language,
        );
    }

    public function __debugInfo(): array
    {
        return ['id' => $this->id, 'name' => $this->name];
    }
}
