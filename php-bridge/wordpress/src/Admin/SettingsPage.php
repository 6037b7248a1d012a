<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\Api\Policy;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Settings;
use MfaSidecar\WordPress\SiteUser;
use MfaSidecar\WordPress\Words;

/**
 * Settings » Multi-Factor Authentication, on a network in the network's settings: the connection, and the site's rules.
 *
 * # Design
 *
 * The rules live at the service and are read for every view, so that they are the same for an API client and for this
 * page; a change names the version that the person saw. Two stores with one button each, and network settings that
 * options.php does not take, are why this page takes its own forms.
 *
 * A connection that does not work is not saved: it would keep everybody out, the administrator included.
 */
final class SettingsPage
{
    private const SLUG = 'mfa-sidecar';
    private const NONCE = 'mfa_sidecar_settings';

    /** @var list<array{bool, string}> whether it is good, and a sentence */
    private array $notices = [];
    /** @var array{bool, string}|null about the rules: beside their form, where the person looks */
    private ?array $rulesNotice = null;
    /** @var string|null the address that somebody has typed and that was not saved, to be mended */
    private ?string $typedUrl = null;

    public function __construct(
        private readonly Settings $settings,
        private readonly Service $service,
        private readonly Connection $connection,
    ) {
    }

    public function register(string $pluginFile): void
    {
        $prefix = is_multisite() ? 'network_' : '';
        add_action("{$prefix}admin_menu", Log::quietly($this->addPage(...)));
        add_action("{$prefix}admin_notices", Log::quietly($this->remindOfSetUp(...)));
        $links = (is_multisite() ? 'network_admin_' : '') . 'plugin_action_links_' . plugin_basename($pluginFile);
        add_filter($links, Log::quietly($this->addLink(...)));
    }

    public static function url(): string
    {
        return is_multisite()
            ? network_admin_url('settings.php?page=' . self::SLUG)
            : admin_url('options-general.php?page=' . self::SLUG);
    }

    public static function capability(): string
    {
        return is_multisite() ? 'manage_network_options' : 'manage_options';
    }

    public function addPage(): void
    {
        $hook = add_submenu_page(
            is_multisite() ? 'settings.php' : 'options-general.php',
            __('Multi-Factor Authentication', 'mfa-sidecar'),
            __('Multi-Factor Authentication', 'mfa-sidecar'),
            self::capability(),
            self::SLUG,
            $this->render(...),
        );
        if (is_string($hook)) {
            add_action("load-$hook", $this->load(...));
        }
    }

    /** Filter plugin_action_links. */
    public function addLink(mixed $links): mixed
    {
        $link = sprintf('<a href="%s">%s</a>', esc_url(self::url()), esc_html__('Settings', 'mfa-sidecar'));
        return is_array($links) ? ['settings' => $link] + $links : $links;
    }

    /** Action admin_notices. */
    public function remindOfSetUp(): void
    {
        $isHere = ($_GET['page'] ?? null) === self::SLUG;
        if (!$isHere && !$this->settings->isSetUp() && current_user_can(self::capability())) {
            printf(
                '<div class="notice notice-warning"><p>%s <a href="%s">%s</a></p></div>',
                esc_html__(
                    'Multi-factor authentication is not connected to its service yet: passwords alone open this site.',
                    'mfa-sidecar',
                ),
                esc_url(self::url()),
                esc_html__('Connect it now', 'mfa-sidecar'),
            );
        }
    }

    public function load(): void
    {
        if (!current_user_can(self::capability())) {
            wp_die(esc_html__('You are not allowed to change this.', 'mfa-sidecar'), '', ['response' => 403]);
        }
        header('X-Frame-Options: DENY');
        header("Content-Security-Policy: frame-ancestors 'none'");
        nocache_headers();
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $this->noticeOfRedirect();
            return;
        }
        check_admin_referer(self::NONCE);
        $fields = wp_unslash($_POST);
        try {
            match ($fields['do'] ?? null) {
                'connection' => $this->saveConnection($fields),
                'test' => $this->test($fields),
                'policy', 'rules' => $this->savePolicy($fields),
                default => null,
            };
        } catch (\Throwable $error) {
            Log::note($error);
            $this->notices[] = [false, Words::current()->text('admin.failed')];
            status_header(500);
        }
    }

    public function render(): void
    {
        $policy = $this->settings->isSetUp() && $this->settings->adminKey() !== '' ? $this->policy() : null;
        $page = [
            'settings' => $this->settings,
            'url' => self::url(),
            'serviceUrl' => $this->typedUrl ?? $this->settings->url(),
            'nonce' => self::NONCE,
            'notices' => $this->notices,
            'policy' => $policy instanceof Policy ? $policy : null,
            'policyError' => $policy instanceof Message ? Words::current()->of($policy) : null,
            'rulesNotice' => $this->rulesNotice,
            'words' => Words::current(),
            'methods' => Administration::METHODS,
            'roles' => self::roles(),
        ];
        (static function () use ($page): void {
            extract($page, EXTR_SKIP);
            require dirname(__DIR__, 2) . '/templates/settings.php';
        })();
    }

    private function policy(): Policy|Message
    {
        try {
            return $this->service->administration()->policy();
        } catch (\Throwable $error) {
            Log::note($error);
            return new Message('admin.misconfigured');
        }
    }

    /** @param array<mixed> $fields */
    private function saveConnection(#[\SensitiveParameter] array $fields): void
    {
        $typed = $this->typed($fields);
        $isSame = true;
        foreach ([Settings::URL, Settings::BRIDGE_KEY, Settings::ADMIN_KEY] as $name) {
            $isSame = $isSame && $typed[$name] === $this->stored($name);
        }
        if (!$isSame && !($this->hasItsKeys($fields, $typed) && $this->isGood($typed))) {
            $this->notices[] = [false, __(
                'Nothing was saved: with this connection nobody could sign in.',
                'mfa-sidecar',
            )];
            status_header(422);
            return;
        }
        foreach (Settings::ALL as $name) {
            if (!$this->settings->isFixed($name)) {
                $this->settings->save($name, $typed[$name]);
            }
        }
        $this->redirect('saved');
    }

    /** @param array<mixed> $fields */
    private function test(#[\SensitiveParameter] array $fields): void
    {
        $typed = $this->typed($fields);
        if (!$this->hasItsKeys($fields, $typed)) {
            return;
        }
        $url = $typed[Settings::URL];
        $this->notices[] = $this->connection->try(ConnectionTest::BRIDGE, $url, $typed[Settings::BRIDGE_KEY]);
        $this->notices[] = $this->connection->try(ConnectionTest::ADMIN, $url, $typed[Settings::ADMIN_KEY]);
    }

    /**
     * A key is sent only to the address that it was stored for, else "Test connection" would carry keys that nobody may
     * see to an address of one's choice.
     *
     * @param array<mixed> $fields
     * @param array<string, string> $typed
     */
    private function hasItsKeys(#[\SensitiveParameter] array $fields, #[\SensitiveParameter] array $typed): bool
    {
        $isNewAddress = $typed[Settings::URL] !== $this->stored(Settings::URL);
        foreach ([Settings::BRIDGE_KEY, Settings::ADMIN_KEY] as $name) {
            $isStored = self::text($fields, $name) === '' || $this->settings->isFixed($name);
            if ($isNewAddress && $isStored && $typed[$name] !== '') {
                $this->notices[] = [false, Words::current()->text('connection.other_address')];
                return false;
            }
        }
        return true;
    }

    /** @param array<string, string> $typed */
    private function isGood(#[\SensitiveParameter] array $typed): bool
    {
        $url = $typed[Settings::URL];
        $tests = [$this->connection->try(ConnectionTest::BRIDGE, $url, $typed[Settings::BRIDGE_KEY])];
        if ($typed[Settings::ADMIN_KEY] !== '') {
            $tests[] = $this->connection->try(ConnectionTest::ADMIN, $url, $typed[Settings::ADMIN_KEY]);
        }
        $bad = array_values(array_filter($tests, static fn (array $test): bool => !$test[0]));
        // An address that is wrong is wrong for both keys.
        $this->notices = array_unique($bad, SORT_REGULAR);
        return $bad === [];
    }

    /**
     * What the form says, with what is stored where it says nothing: keys are never shown, so an empty field keeps one.
     *
     * @param array<mixed> $fields
     * @return array<string, string>
     */
    private function typed(#[\SensitiveParameter] array $fields): array
    {
        $typed = [];
        foreach (Settings::ALL as $name) {
            $text = self::text($fields, $name);
            $typed[$name] = $text === '' || $this->settings->isFixed($name) ? $this->stored($name) : $text;
        }
        $this->typedUrl = $typed[Settings::URL];
        $isRefused = $typed[Settings::APPLICATION_PASSWORDS] === 'refused';
        return [Settings::APPLICATION_PASSWORDS => $isRefused ? 'refused' : 'allowed'] + $typed;
    }

    /** @param array<mixed> $fields */
    private static function text(#[\SensitiveParameter] array $fields, string $name): string
    {
        return is_string($fields[$name] ?? null) ? trim($fields[$name]) : '';
    }

    private function stored(string $name): string
    {
        return match ($name) {
            Settings::URL => $this->settings->url(),
            Settings::BRIDGE_KEY => $this->settings->bridgeKey(),
            Settings::ADMIN_KEY => $this->settings->adminKey(),
            Settings::APPLICATION_PASSWORDS => $this->settings->allowsApplicationPasswords() ? 'allowed' : 'refused',
        };
    }

    /** @param array<mixed> $fields */
    private function savePolicy(array $fields): void
    {
        $administration = $this->service->administration();
        $etag = is_string($fields['etag'] ?? null) ? $fields['etag'] : '';
        $step = $fields['do'] === 'rules'
            ? $administration->saveRules($fields, array_map('strval', array_keys(self::roles())), $etag)
            : $administration->choose(is_string($fields['policy'] ?? null) ? $fields['policy'] : '', $etag);
        if ($step->isDone) {
            $this->redirect('policy');
        }
        $this->rulesNotice = [false, Words::current()->of($step->message)];
        status_header($step->httpStatus);
    }

    /** After a POST that changed something, so that a reload repeats nothing. */
    private function redirect(string $what): never
    {
        wp_safe_redirect(add_query_arg('mfa-done', $what, self::url()), 303);
        exit;
    }

    private function noticeOfRedirect(): void
    {
        $done = $_GET['mfa-done'] ?? null;
        if ($done === 'saved') {
            $this->notices[] = [true, __('The connection was saved.', 'mfa-sidecar')];
        }
        if ($done === 'policy') {
            $this->rulesNotice = [true, Words::current()->text('admin.saved')];
        }
    }

    /** @return array<string, string> names by role */
    private static function roles(): array
    {
        $roles = array_map('translate_user_role', wp_roles()->get_names());
        return (is_multisite() ? [SiteUser::SUPER_ADMIN => __('Network administrator', 'mfa-sidecar')] : []) + $roles;
    }
}
