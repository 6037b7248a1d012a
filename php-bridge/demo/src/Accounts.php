<?php

declare(strict_types=1);

namespace Demo;

/** The demo's users, in one JSON file. */
final class Accounts
{
    private const MAX_PASSWORD_BYTES = 4096;

    public function __construct(private readonly string $file)
    {
    }

    /** @return list<Account> */
    public function all(): array
    {
        return array_map(
            static fn (array $row): Account => new Account(
                $row['id'],
                $row['name'],
                $row['display_name'],
                $row['role'],
                $row['password_hash'],
                $row['email'] ?? null,
                $row['phone'] ?? null,
            ),
            $this->read()['users'],
        );
    }

    public function byId(string $id): ?Account
    {
        foreach ($this->all() as $account) {
            if ($account->id === $id) {
                return $account;
            }
        }
        return null;
    }

    /** @return Account|null null for a wrong name and a wrong password alike, and after the same time */
    public function authenticate(string $name, #[\SensitiveParameter] string $password): ?Account
    {
        $found = null;
        foreach ($this->all() as $account) {
            $found = $account->name === $name ? $account : $found;
        }
        $hash = $found?->passwordHash ?? $this->read()['decoy_hash'];
        $right = strlen($password) <= self::MAX_PASSWORD_BYTES && password_verify($password, $hash);
        return $right ? $found : null;
    }

    /** Adds the user, or gives the one with this id these values. */
    public function put(
        string $id,
        string $name,
        string $displayName,
        string $role,
        #[\SensitiveParameter] string $password,
        ?string $email = null,
        ?string $phone = null,
    ): void {
        $data = $this->read();
        $hash = null;
        foreach ($data['users'] as $row) {
            // An unchanged password keeps its hash, and with it the credential version.
            if ($row['id'] === $id && password_verify($password, $row['password_hash'])) {
                $hash = $row['password_hash'];
            }
        }
        $data['users'] = array_values(array_filter(
            $data['users'],
            static fn (array $row): bool => $row['id'] !== $id,
        ));
        $data['users'][] = [
            'id' => $id,
            'name' => $name,
            'display_name' => $displayName,
            'role' => $role,
            'password_hash' => $hash ?? password_hash($password, PASSWORD_DEFAULT),
            'email' => $email,
            'phone' => $phone,
        ];
        $this->write($data);
    }

    /** @return Account with the new password, and with another credential version */
    public function changePassword(Account $account, #[\SensitiveParameter] string $password): Account
    {
        $data = $this->read();
        foreach ($data['users'] as &$row) {
            if ($row['id'] === $account->id) {
                $row['password_hash'] = password_hash($password, PASSWORD_DEFAULT);
            }
        }
        $this->write($data);
        return $this->byId($account->id);
    }

    /** @return array{users: list<array<string, string|null>>, decoy_hash: string} */
    private function read(): array
    {
        if (!is_file($this->file)) {
            return ['users' => [], 'decoy_hash' => password_hash(bin2hex(random_bytes(16)), PASSWORD_DEFAULT)];
        }
        return json_decode((string) file_get_contents($this->file), true, 8, JSON_THROW_ON_ERROR);
    }

    /** A crash leaves the old file or the new one, never half of it. */
    private function write(array $data): void
    {
        $temporary = $this->file . '.new';
        file_put_contents($temporary, json_encode($data, JSON_THROW_ON_ERROR | JSON_PRETTY_PRINT) . "\n");
        chmod($temporary, 0600);
        rename($temporary, $this->file);
    }
}
