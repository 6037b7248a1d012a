<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Flow\Administration;

/**
 * Removes everything that the users have set up, as for a lost phone. Where it is required, they set it up again.
 */
class RemoveAuthenticators extends UsersAction
{
    protected function act(Administration $administration, array $ids): iterable
    {
        foreach ($ids as $id) {
            $step = self::demand($administration->removeAuthenticators($id, $id));
            yield ['id' => (int) $id, 'removed' => $step->removed];
        }
    }
}
