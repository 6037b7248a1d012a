<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Api\Client;

/** What users have set up; never a secret. Users whom the service has not seen are left out. */
class Get extends UsersAction
{
    /** As many as the service takes in one call. */
    private const PAGE = 200;

    protected function act(Client $client, array $ids): iterable
    {
        $now = new \DateTimeImmutable();
        foreach (array_chunk($ids, self::PAGE) as $page) {
            foreach ($client->usersById($page)->users as $user) {
                yield [
                    'id' => (int) $user->id,
                    'enrolled' => $user->enrolled,
                    'methods' => $user->enrolledMethods(),
                    'recovery_codes_remaining' => $user->recoveryCodesRemaining,
                    'locked_until' => $user->isLocked($now) ? $user->lockedUntil->format('Y-m-d H:i:s') : null,
                ];
            }
        }
    }
}
