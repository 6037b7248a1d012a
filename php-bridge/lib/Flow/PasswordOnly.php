<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\LoginStatus;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\SidecarError;

/**
 * For ways in that have nothing but a password and can show no page, such as a host's API: is the password enough?
 *
 * # Design
 *
 * The service decides it as it decides every login: one is begun and, where it asks for a factor, given up at once. No
 * trusted browser is named, because such a way in is no browser. An outage is its own answer and not a refusal, so that
 * a host does not count it against the user.
 */
final class PasswordOnly
{
    private readonly \Closure $log;

    /** @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets */
    public function __construct(private readonly Client $client, ?\Closure $log = null)
    {
        $this->log = $log ?? error_log(...);
    }

    /** @return bool|null null: nobody can tell now, which opens nothing */
    public function isEnough(User $user, Visitor $visitor): ?bool
    {
        try {
            $login = $this->client->beginLogin($user, $visitor);
            if ($login->userId !== $user->id) {
                ($this->log)('mfa-sidecar: the answer is about another user');
                return null;
            }
            if ($login->status === LoginStatus::Passed) {
                return true;
            }
            $this->giveUp($login->id);
            return false;
        } catch (SidecarError $error) {
            ($this->log)('mfa-sidecar: ' . $error->getMessage());
            return null;
        }
    }

    private function giveUp(#[\SensitiveParameter] string $loginId): void
    {
        try {
            $this->client->cancelLogin($loginId);
        } catch (Problem) {
            // It had ended already.
        }
    }
}
