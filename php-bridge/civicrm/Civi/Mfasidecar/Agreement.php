<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyMode;

/** Whether the service's rules and core's own settings say the same. */
final class Agreement
{
    /** @return list<string> sentences about what does not fit; saving the page again puts it right */
    public static function problems(Policy $policy): array
    {
        $isWanted = $policy->mode !== PolicyMode::Disabled;
        return array_values(array_filter([
            $isWanted && !CoreSetting::isOurs() ? ts(
                'The service is to ask for a second step, but CiviCRM does not ask the service: the password is enough '
                    . 'to sign in. Save this page to put it right.',
                ['domain' => 'mfasidecar'],
            ) : null,
            !$isWanted && CoreSetting::isOurs() ? ts(
                'CiviCRM asks the service at each login, but the service is to ask for nothing: the password is enough '
                    . 'to sign in. Save this page to put it right.',
                ['domain' => 'mfasidecar'],
            ) : null,
        ]));
    }

    /** @return list<string> what core's settings alone tell, without asking the service */
    public static function ofCore(): array
    {
        if (!CoreSetting::isOurs()) {
            return [];
        }
        return array_values(array_filter([
            CoreSetting::others() !== [] ? ts(
                'CiviCRM has other methods enabled beside this one (%1). Where core picks one of them, nobody can sign '
                    . 'in. Save this page to leave this one alone.',
                ['domain' => 'mfasidecar', 1 => implode(', ', CoreSetting::others())],
            ) : null,
            CoreSetting::rememberDays() > 0 ? ts(
                'CiviCRM\'s own "Remember this device" is on. It is not honoured here, because it cannot be revoked: '
                    . 'trusted browsers take its place. Save this page to switch it off.',
                ['domain' => 'mfasidecar'],
            ) : null,
        ]));
    }
}
