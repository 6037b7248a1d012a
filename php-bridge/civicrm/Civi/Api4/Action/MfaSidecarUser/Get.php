<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Flow\Administration;

/**
 * What users have set up; never a secret. Users whom the service has not seen are left out.
 */
class Get extends UsersAction
{
    protected function act(Administration $administration, array $ids): iterable
    {
        $now = new \DateTimeImmutable();
        foreach (self::demand($administration->roster($ids))->users as $user) {
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
