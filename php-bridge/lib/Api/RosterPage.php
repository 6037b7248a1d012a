<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A page of the users that the service has seen. */
final class RosterPage
{
    /** @param list<UserState> $users */
    public function __construct(
        public readonly array $users,
        public readonly ?string $nextCursor,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            array_map(UserState::fromPayload(...), $payload->objects('users')),
            $payload->stringOrNull('next_cursor'),
        );
    }

    /** @return UserState|null null: the service has never seen this user */
    public function find(string $userId): ?UserState
    {
        foreach ($this->users as $user) {
            if ($user->id === $userId) {
                return $user;
            }
        }
        return null;
    }
}
