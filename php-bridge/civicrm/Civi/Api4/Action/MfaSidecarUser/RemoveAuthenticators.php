<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Api\Client;
use MfaSidecar\Error\Problem;

/** Removes everything that the users have set up, as for a lost phone. Where it is required, they set it up again. */
class RemoveAuthenticators extends UsersAction
{
    protected function act(Client $client, array $ids): iterable
    {
        foreach ($ids as $id) {
            try {
                yield ['id' => (int) $id, 'removed' => $client->removeAuthenticators($id)];
            } catch (Problem $problem) {
                // Whom the service has never seen has nothing to remove.
                $problem->isUnknownUser() || throw $problem;
                yield ['id' => (int) $id, 'removed' => 0];
            }
        }
    }
}
