<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\InvalidUserId;

/** What the host knows about a user and tells the service. */
final class User
{
    /**
     * @param string $id stable for life: an account's number, not its name
     * @param list<string>|null $roles null: the host has none; the policy then treats the user as required
     * @param string|null $credentialVersion opaque, changes when the password changes
     * @throws InvalidUserId
     */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly ?string $email = null,
        public readonly ?string $phone = null,
        public readonly ?array $roles = null,
        public readonly ?string $credentialVersion = null,
    ) {
        UserId::check($id);
    }

    /** @return array<string, mixed> the members of a request, without those the host does not have */
    public function toRequest(): array
    {
        return array_filter([
            'name' => $this->name,
            'email' => $this->email,
            'phone' => $this->phone,
            'roles' => $this->roles,
            'credential_version' => $this->credentialVersion,
        ], static fn ($value): bool => $value !== null);
    }
}
