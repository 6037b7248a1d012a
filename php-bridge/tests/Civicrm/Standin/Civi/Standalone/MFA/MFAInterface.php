<?php

declare(strict_types=1);

namespace Civi\Standalone\MFA;

interface MFAInterface
{
    public function getFormUrl(): string;

    public function userHasCompletedSetup(): bool;

    public function checkMFAData($data): bool;

    public function processMFAAttempt(array $pending, $code): bool;
}
