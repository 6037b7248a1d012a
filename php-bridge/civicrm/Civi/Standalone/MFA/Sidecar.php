<?php

declare(strict_types=1);

namespace Civi\Standalone\MFA;

use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\SecondStep;

/** The method that core calls between the right password and the session; the work is SecondStep's. */
class Sidecar extends Base implements MFAInterface
{
    /** Core asks for it once the password was right, so here the login begins at the service. */
    public function getFormUrl(): string
    {
        return SecondStep::singleton()->begin($this->userID);
    }

    public function userHasCompletedSetup(): bool
    {
        // Never seen is not set up; what is not known is an exception, which core must not take for an answer.
        return Connection::bridge()->findUser((string) $this->userID)?->enrolled ?? false;
    }

    /** A code belongs to one login: outside of it nothing can be checked, and nothing is good. */
    public function checkMFAData(#[\SensitiveParameter] $data): bool
    {
        return false;
    }

    /**
     * @param array<string, mixed> $pending core's own record of the login
     * @param mixed $code the client's `mfaData`: the fields of a form, or a code alone
     */
    public function processMFAAttempt(array $pending, #[\SensitiveParameter] $code): bool
    {
        return SecondStep::singleton()->attempt((int) ($pending['userID'] ?? 0), $code);
    }
}
