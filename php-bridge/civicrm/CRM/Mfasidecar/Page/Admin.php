<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\Administration;
use Civi\Mfasidecar\Agreement;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Error\SidecarError;

/** Administer » Users and Permissions » Multi-Factor Authentication. */
final class CRM_Mfasidecar_Page_Admin extends CRM_Mfasidecar_Page_Base
{
    public const PAGE = 'civicrm/admin/mfa';

    public function run(): void
    {
        $administration = new Administration(Accounts::signedIn());
        $error = null;
        $results = [];
        if (self::isPost()) {
            if (!self::isOurForm()) {
                $error = ts('This page was open too long. Please try again.', ['domain' => 'mfasidecar']);
            } elseif (self::field('do') === 'test') {
                $results = $administration->test($_POST);
            } else {
                $error = $administration->save($_POST);
                if ($error === null) {
                    $saved = ts('Saved. It holds from the next login on.', ['domain' => 'mfasidecar']);
                    CRM_Core_Session::setStatus($saved, '', 'success');
                    CRM_Utils_System::redirect(Urls::to(self::PAGE, 'reset=1'));
                    return;
                }
            }
        }
        $status = $error !== null ? 422 : 200;
        $values = $this->connection() + ['error' => $error, 'results' => $results];
        try {
            $policy = $administration->policy();
            $values += $this->policy($policy) + [
                'coverage' => $administration->coverage(),
                'problems' => [...Agreement::problems($policy), ...Agreement::ofCore()],
                'unreachable' => null,
            ];
        } catch (SidecarError $cause) {
            $isNew = !Connection::isSet(Connection::URL);
            $isNew || Sentences::log('mfa-sidecar: ' . $cause->getMessage());
            $values += [
                'policy' => null,
                'coverage' => null,
                'problems' => Agreement::ofCore(),
                'unreachable' => $isNew
                    ? ts('Enter where the service is and its two keys, then save.', ['domain' => 'mfasidecar'])
                    : ts('The rules cannot be shown: %1', [
                        'domain' => 'mfasidecar',
                        1 => Administration::failure($cause),
                    ]),
            ];
        }
        $this->show(ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']), '', $values, $status);
    }

    /** @return array<string, mixed> */
    private function connection(): array
    {
        $keys = [];
        foreach ([Connection::BRIDGE_KEY, Connection::ADMIN_KEY] as $setting) {
            $keys[$setting] = ['fixed' => Connection::isFixed($setting), 'set' => Connection::isSet($setting)];
        }
        return [
            'action' => Urls::to(self::PAGE, 'reset=1'),
            'token' => BrowserSession::csrf()->token(),
            // After a test the typed address is still there; the keys have to be typed again.
            'serviceUrl' => self::field(Connection::URL) ?: Connection::url(),
            'isUrlFixed' => Connection::isFixed(Connection::URL),
            'keys' => $keys,
        ];
    }

    /** @return array<string, mixed> */
    private function policy(Policy $policy): array
    {
        // After a change by somebody else in the meantime, what was typed would undo it unseen.
        $isTyped = self::isPost() && self::field('etag') === (string) $policy->etag;
        $typed = static fn (string $name): array => is_array($_POST[$name] ?? null) ? $_POST[$name] : [];
        $choice = PolicyChoice::of($policy)?->value ?? Administration::CUSTOM;
        return [
            'policy' => [
                'etag' => (string) $policy->etag,
                'choice' => $isTyped ? self::field('policy') : $choice,
                'mode' => $isTyped ? self::field('mode') : ($policy->mode === PolicyMode::Optional
                    ? PolicyMode::Optional->value : PolicyMode::Required->value),
                'methods' => $isTyped ? $typed('methods') : $policy->methods,
                'grace' => $isTyped ? self::field('grace_period_days') : $policy->gracePeriodDays,
                'trusted' => $isTyped ? self::field('trusted_device_days') : $policy->trustedDeviceDays,
                'required' => $isTyped ? $typed('required_roles') : $policy->requiredRoles,
                'exempt' => $isTyped ? $typed('exempt_roles') : $policy->exemptRoles,
                'selfService' => $isTyped ? self::field('self_service') === '1' : $policy->selfService,
            ],
            'methods' => Administration::METHODS,
            'roles' => Accounts::roles(),
        ];
    }

    protected function script(): string
    {
        return 'js/mfasidecar-admin.js';
    }

    protected function isBox(): bool
    {
        return false;
    }
}
