<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

use MfaSidecar\WordPress\Account\SecurityPage;
use MfaSidecar\WordPress\Admin\Connection;
use MfaSidecar\WordPress\Admin\DeletedUsers;
use MfaSidecar\WordPress\Admin\SettingsPage;
use MfaSidecar\WordPress\Admin\SiteHealth;
use MfaSidecar\WordPress\Admin\UserHelp;
use MfaSidecar\WordPress\Admin\UserList;
use MfaSidecar\WordPress\Login\Challenge;
use MfaSidecar\WordPress\Login\Confirmation;
use MfaSidecar\WordPress\Login\Gate;
use MfaSidecar\WordPress\Login\LoginPage;
use MfaSidecar\WordPress\Login\ParkedLogins;
use MfaSidecar\WordPress\Login\Router;
use MfaSidecar\WordPress\Login\SecondStep;
use MfaSidecar\WordPress\Login\Sessions;
use MfaSidecar\WordPress\Login\SignInMessage;
use MfaSidecar\WordPress\Login\WelcomePage;

/** Puts the parts together and hangs them into WordPress. */
final class Plugin
{
    public const VERSION = '0.1.0';

    private static string $file = '';

    public function __construct(string $file)
    {
        self::$file = $file;
    }

    public function register(): void
    {
        $settings = new Settings();
        $service = new Service($settings);

        add_action('init', static function (): void {
            load_plugin_textdomain('mfa-sidecar', false, dirname(plugin_basename(self::$file)) . '/languages');
        });
        (new SettingsPage($settings, $service, new Connection($settings)))->register(self::$file);
        (new SiteHealth($settings, new Connection($settings), $service))->register();
        if (!$settings->isSetUp()) {
            return;
        }

        $sessions = new Sessions($_COOKIE);
        $parked = new ParkedLogins(new SealedStore('login'));
        $gate = new Gate($settings, $service, $sessions, new Challenge($service, $parked));
        $gate->register();

        $confirmation = new Confirmation($service, $parked, $sessions);
        $welcome = new WelcomePage($sessions);
        $secondStep = new SecondStep($service, $parked, $sessions, $gate);
        add_action('login_form_' . LoginPage::ACTION, (new Router($secondStep, $confirmation, $welcome))->handle(...));
        add_filter('wp_login_errors', Log::quietly(SignInMessage::add(...)));
        add_action('admin_init', Log::quietly($welcome->insist(...)));

        (new SecurityPage($service, $sessions, $confirmation))->register();
        (new UserList($service))->register();
        (new UserHelp($service))->register();
        (new DeletedUsers($settings, $service))->register();
    }

    /** The library's style and script, and what fits them into WordPress' pages. */
    public static function enqueueForms(): void
    {
        $url = plugins_url('', self::$file);
        wp_enqueue_style('mfa-sidecar', "$url/bridge/lib/assets/mfa-sidecar.css", [], self::VERSION);
        wp_enqueue_style('mfa-sidecar-wordpress', "$url/assets/wordpress.css", ['mfa-sidecar'], self::VERSION);
        wp_enqueue_script('mfa-sidecar', "$url/bridge/lib/assets/mfa-sidecar.js", [], self::VERSION, true);
    }
}
