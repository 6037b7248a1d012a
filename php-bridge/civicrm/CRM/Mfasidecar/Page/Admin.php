<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\AdminForm;
use Civi\Mfasidecar\Agreement;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Api\UserState;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Page\Message;

/** Administer » Users and Permissions » Multi-Factor Authentication. */
final class CRM_Mfasidecar_Page_Admin extends CRM_Mfasidecar_Page_Base
{
    public const PAGE = 'civicrm/admin/mfa';
    /** The drop-down's third entry, which is no PolicyChoice: the finer rules below it decide. */
    private const CUSTOM = 'custom';

    public function run(): void
    {
        $error = null;
        $results = [];
        if (self::isPost()) {
            $form = new AdminForm($_POST);
            if (!self::isOurForm()) {
                $error = ts('This page was open too long. Please try again.', ['domain' => 'mfasidecar']);
            } elseif (self::field('do') === 'test') {
                $results = $form->test();
            } else {
                $error = $form->save();
                if ($error === null) {
                    Sentences::say(new Message('admin.saved'), 'success');
                    CRM_Utils_System::redirect(Urls::to(self::PAGE, 'reset=1'));
                    return;
                }
            }
        }
        $values = $this->connection() + ['error' => $error, 'results' => $results] + $this->rules();
        $title = ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']);
        $this->show($title, '', $values, $error !== null ? 422 : 200);
    }

    /** @return array<string, mixed> */
    private function rules(): array
    {
        $administration = Connection::administration();
        $policy = Connection::isSet(Connection::URL) ? $administration->policy() : null;
        if ($policy instanceof Policy) {
            return $this->policy($policy) + [
                'coverage' => self::coverage($administration),
                'problems' => [...Agreement::problems($policy), ...Agreement::ofCore()],
                'unreachable' => null,
            ];
        }
        return [
            'policy' => null,
            'coverage' => null,
            'problems' => Agreement::ofCore(),
            'unreachable' => $policy === null
                ? ts('Enter where the service is and its two keys, then save.', ['domain' => 'mfasidecar'])
                : Sentences::of($policy),
        ];
    }

    /** @return array{users: int, enrolled: int, locked: int}|null how many of those who can sign in have set it up */
    private static function coverage(Administration $administration): ?array
    {
        $ids = array_map(strval(...), array_keys(Accounts::active()));
        $roster = $administration->roster($ids);
        $now = new DateTimeImmutable();
        return $roster instanceof Message ? null : [
            'users' => count($ids),
            'enrolled' => count(array_filter(array_column($roster->users, 'enrolled'))),
            'locked' => count(array_filter($roster->users, static fn (UserState $user): bool => $user->isLocked($now))),
        ];
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
        $choice = PolicyChoice::of($policy)?->value ?? self::CUSTOM;
        $messages = Sentences::messages();
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
                'replaceWeak' => $isTyped ? self::field('replace_weak_secrets') === '1' : $policy->replaceWeakSecrets,
            ],
            'methods' => array_combine(Administration::METHODS, array_map(
                static fn (string $method): string => $messages->text("method.$method"),
                Administration::METHODS,
            )),
            'weak' => [
                'label' => $messages->text('admin.replace_weak'),
                'hint' => $messages->text('admin.replace_weak_hint'),
            ],
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
