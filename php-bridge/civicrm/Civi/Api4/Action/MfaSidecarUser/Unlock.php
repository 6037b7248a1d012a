<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Api\Client;

/** Lifts the lock that wrong codes have set. */
class Unlock extends UsersAction
{
    protected function act(Client $client, array $ids): iterable
    {
        foreach ($ids as $id) {
            $client->unlockUser($id);
            yield ['id' => (int) $id];
        }
    }
}
