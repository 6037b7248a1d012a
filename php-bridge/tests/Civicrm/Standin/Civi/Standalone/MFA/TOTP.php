<?php

declare(strict_types=1);

namespace Civi\Standalone\MFA;

/** Core's own method. Here it lets everybody in: a test that reaches it has found a way around the service. */
class TOTP extends Base implements MFAInterface
{
    public function getFormUrl(): string
    {
        return '/civicrm/mfa/totp';
    }

    public function userHasCompletedSetup(): bool
    {
        return true;
    }

    public function checkMFAData($data): bool
    {
        return true;
    }

    public function processMFAAttempt(array $pending, $code): bool
    {
        return true;
    }
}
