<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Settings;
use MfaSidecar\WordPress\Words;

/** Tools » Site Health: whether logins are protected, and whether the service answers. */
final class SiteHealth
{
    public function __construct(
        private readonly Settings $settings,
        private readonly Connection $connection,
        private readonly Service $service,
    ) {
    }

    public function register(): void
    {
        add_filter('site_status_tests', Log::quietly($this->addTest(...)));
    }

    public function addTest(mixed $tests): mixed
    {
        if (is_array($tests)) {
            $tests['direct']['mfa_sidecar'] = [
                'label' => __('Multi-factor authentication', 'mfa-sidecar'),
                'test' => $this->test(...),
            ];
        }
        return $tests;
    }

    /** @return array<string, mixed> as Site Health takes it */
    public function test(): array
    {
        try {
            [$status, $label, $description] = $this->find();
        } catch (\Throwable $error) {
            Log::note($error);
            [$status, $label, $description] = [
                'critical',
                __('Multi-factor authentication could not be checked', 'mfa-sidecar'),
                Words::current()->text('admin.unreachable'),
            ];
        }
        return [
            'label' => $label,
            'status' => $status,
            'badge' => ['label' => __('Security', 'mfa-sidecar'), 'color' => 'blue'],
            'description' => '<p>' . esc_html($description) . '</p>',
            'actions' => current_user_can(SettingsPage::capability()) ? sprintf(
                '<p><a href="%s">%s</a></p>',
                esc_url(SettingsPage::url()),
                esc_html__('Multi-Factor Authentication', 'mfa-sidecar'),
            ) : '',
            'test' => 'mfa_sidecar',
        ];
    }

    /** @return array{string, string, string} status, label and description */
    private function find(): array
    {
        if (!$this->settings->isSetUp()) {
            return [
                'recommended',
                __('Multi-factor authentication is not connected', 'mfa-sidecar'),
                __('Passwords alone open this site until the service is connected.', 'mfa-sidecar'),
            ];
        }
        foreach ([ConnectionTest::BRIDGE, ConnectionTest::ADMIN] as $role) {
            [$isGood, $sentence] = $this->connection->try($role);
            if (!$isGood) {
                return ['critical', __('Multi-factor authentication does not work', 'mfa-sidecar'), $sentence];
            }
        }
        foreach (['wp_authenticate', 'wp_set_auth_cookie'] as $function) {
            if (basename((string) (new \ReflectionFunction($function))->getFileName()) !== 'pluggable.php') {
                return [
                    'critical',
                    __('Another plugin replaces WordPress’ login functions', 'mfa-sidecar'),
                    sprintf(
                        /* translators: %s: name of a PHP function */
                        __(
                            'The function %s is not WordPress’ own, so a second step may be skipped where it is used.',
                            'mfa-sidecar',
                        ),
                        $function,
                    ),
                ];
            }
        }
        return $this->service->bridge()->policy()->mode === PolicyMode::Disabled
            ? [
                'recommended',
                __('Multi-factor authentication is switched off', 'mfa-sidecar'),
                __('The service answers, but nobody is asked for a second step.', 'mfa-sidecar'),
            ]
            : [
                'good',
                __('Multi-factor authentication protects the login', 'mfa-sidecar'),
                __('The service answers and takes both keys.', 'mfa-sidecar'),
            ];
    }
}
