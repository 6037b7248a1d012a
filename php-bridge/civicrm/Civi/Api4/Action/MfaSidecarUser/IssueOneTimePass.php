<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use MfaSidecar\Flow\Administration;

/**
 * A pass that opens one login in place of a lost phone; the login sets up an authenticator anew.
 *
 * @method int getExpiresIn()
 * @method $this setExpiresIn(int $seconds)
 */
class IssueOneTimePass extends UsersAction
{
    /**
     * Seconds, at most a day.
     *
     * @var int
     */
    protected $expiresIn = 900;

    protected function act(Administration $administration, array $ids): iterable
    {
        foreach ($ids as $id) {
            $pass = self::demand($administration->issueOneTimePass($id, (int) $this->expiresIn));
            yield [
                'id' => (int) $id,
                'code' => $pass->code,
                'expires_at' => $pass->expiresAt->format(\DATE_RFC3339),
            ];
        }
    }
}
