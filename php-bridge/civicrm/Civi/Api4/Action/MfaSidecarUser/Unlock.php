<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Flow\Administration;

/**
 * Lifts the lock that wrong codes have set.
 */
class Unlock extends UsersAction
{
    protected function act(Administration $administration, array $ids): iterable
    {
        foreach ($ids as $id) {
            self::demand($administration->unlock($id, $id));
            yield ['id' => (int) $id];
        }
    }
}
