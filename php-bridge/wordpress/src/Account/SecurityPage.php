<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Account;

use MfaSidecar\Flow\Outcome;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\View;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Login\Confirmation;
use MfaSidecar\WordPress\Login\LoginContext;
use MfaSidecar\WordPress\Login\LoginPage;
use MfaSidecar\WordPress\Login\SessionMark;
use MfaSidecar\WordPress\Login\Sessions;
use MfaSidecar\WordPress\Login\Welcome;
use MfaSidecar\WordPress\Login\WelcomePage;
use MfaSidecar\WordPress\Plugin;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\SiteUser;
use MfaSidecar\WordPress\Words;

/** Profile » Security: a signed-in person's own authenticators, behind their password and what they have enrolled. */
final class SecurityPage
{
    private const SLUG = 'mfa-sidecar-security';

    private ?SelfServiceStep $step = null;

    public function __construct(
        private readonly Service $service,
        private readonly Sessions $sessions,
        private readonly Confirmation $confirmation,
    ) {
    }

    public function register(): void
    {
        add_action('admin_menu', Log::quietly($this->addPage(...)));
        add_action('user_admin_menu', Log::quietly($this->addPage(...)));
        add_action('show_user_profile', Log::quietly($this->profileSection(...)));
        foreach (['admin_notices', 'user_admin_notices', 'network_admin_notices'] as $hook) {
            add_action($hook, Log::quietly($this->showNotice(...)));
        }
    }

    public static function url(): string
    {
        $page = current_user_can('list_users') ? 'users.php' : 'profile.php';
        $isHomeless = is_multisite() && !get_active_blog_for_user(get_current_user_id());
        return $isHomeless ? user_admin_url('profile.php?page=' . self::SLUG) : admin_url("$page?page=" . self::SLUG);
    }

    public function addPage(): void
    {
        $parent = current_user_can('list_users') ? 'users.php' : 'profile.php';
        $title = Words::current()->text('security.title');
        $hook = add_submenu_page($parent, $title, $title, 'read', self::SLUG, $this->render(...));
        if (is_string($hook)) {
            add_action("load-$hook", $this->load(...));
        }
    }

    /** Before anything is shown, because most steps lead to another page. */
    public function load(): void
    {
        add_action('admin_enqueue_scripts', Plugin::enqueueForms(...));
        nocache_headers();
        header('Cache-Control: no-store, private');
        header('X-Frame-Options: DENY');
        header("Content-Security-Policy: frame-ancestors 'none'");
        if (wp_get_session_token() === '') {
            // Signed in by another plugin without a session: nothing binds a form to this browser.
            wp_die(esc_html__('Please sign in on the login page first.', 'mfa-sidecar'), '', ['response' => 403]);
        }
        try {
            $this->step = $_SERVER['REQUEST_METHOD'] === 'POST' ? $this->submit() : $this->show();
        } catch (\Throwable $error) {
            Log::note($error);
            $this->step = SelfServiceStep::blocked(new Message('security.misconfigured'));
        }
        status_header($this->step->httpStatus());
    }

    public function render(): void
    {
        $words = Words::current();
        printf('<div class="wrap"><h1>%s</h1>', esc_html($words->of($this->step->title())));
        if ($this->step->outcome === Outcome::Blocked) {
            printf(
                '<div class="notice notice-error inline" role="alert" data-testid="error"><p>%s</p></div>',
                esc_html($words->of($this->step->error)),
            );
        } else {
            printf(
                '<div class="mfa-card mfa-wide" data-testid="page" data-page="security-%s">%s</div>',
                esc_attr($this->step->view->value),
                // phpcs:ignore -- the library's templates escape every value
                (new Forms($words, Words::country()))->security(
                    $this->step,
                    new FormTarget(self::url(), $this->csrf(), self::url()),
                ),
            );
        }
        echo '</div>';
    }

    /** Actions admin_notices and its like: what was done, or what the person should know after signing in. */
    public function showNotice(): void
    {
        $mark = $this->sessions->mark();
        if ($mark?->notice === null) {
            return;
        }
        $this->sessions->update($mark->withNotice(null));
        printf(
            '<div class="notice notice-info is-dismissible" data-testid="notice"><p>%s <a href="%s">%s</a></p></div>',
            esc_html(Words::current()->of($mark->notice)),
            esc_url(self::url()),
            esc_html(Words::current()->text('security.title')),
        );
    }

    /** Action show_user_profile. A form of its own cannot stand within the profile's. */
    public function profileSection(): void
    {
        $words = Words::current();
        printf(
            '<h2 id="mfa-sidecar">%s</h2><table class="form-table" role="presentation"><tr><th scope="row">%s</th>'
                . '<td><a class="button" href="%s" data-testid="profile-security">%s</a>'
                . '<p class="description">%s</p></td></tr></table>',
            esc_html($words->text('security.title')),
            esc_html__('Multi-factor authentication', 'mfa-sidecar'),
            esc_url(self::url()),
            esc_html__('Manage your second step', 'mfa-sidecar'),
            esc_html__(
                'Authenticator apps, other ways to confirm it is you, recovery codes and trusted browsers.',
                'mfa-sidecar',
            ),
        );
    }

    private function show(): SelfServiceStep
    {
        $query = wp_unslash($_GET);
        if (View::of($query)->needsConfirmation()) {
            $this->confirmFirst(add_query_arg(urlencode_deep(array_filter([
                'view' => $query['view'],
                'authenticator' => $query['authenticator'] ?? null,
                'method' => $query['method'] ?? null,
            ], is_string(...))), self::url()));
        }
        return $this->follow($this->selfService()->show($query));
    }

    private function submit(): SelfServiceStep
    {
        $fields = wp_unslash($_POST);
        if (!$this->csrf()->accepts($fields[Csrf::FIELD] ?? null)) {
            wp_nonce_ays('mfa_sidecar');
        }
        if (SelfService::needsConfirmation($fields)) {
            $this->confirmFirst(self::url());
        }
        return $this->follow($this->selfService()->submit($fields));
    }

    private function follow(SelfServiceStep $step): SelfServiceStep
    {
        return match ($step->outcome) {
            Outcome::Page, Outcome::Blocked => $step,
            Outcome::Done => $this->done($step),
            Outcome::RecoveryCodes => $this->showCodes($step),
            Outcome::StepUp => LoginPage::redirect(Confirmation::url($step->url(self::url()))),
        };
    }

    private function done(SelfServiceStep $step): never
    {
        $this->say($step->notice);
        LoginPage::redirect($step->url(self::url()));
    }

    private function showCodes(SelfServiceStep $step): never
    {
        $context = new LoginContext(self::url(), false, '', false, false, '');
        (new Welcome($context, $step->recoveryCodes, isLogin: false))->keep(wp_get_session_token());
        $this->sessions->update($this->mark()->withNotice($step->notice)->withWelcome(true));
        LoginPage::redirect(WelcomePage::url());
    }

    private function confirmFirst(string $url): void
    {
        if (!$this->confirmation->isFresh()) {
            LoginPage::redirect(Confirmation::url($url));
        }
    }

    private function say(?Message $notice): void
    {
        if ($notice !== null) {
            $this->sessions->update($this->mark()->withNotice($notice));
        }
    }

    private function mark(): SessionMark
    {
        return $this->sessions->mark() ?? new SessionMark('password', 0);
    }

    private function selfService(): SelfService
    {
        return new SelfService(
            $this->service->bridge(),
            SiteUser::of(wp_get_current_user()),
            new SetUpStore(wp_get_session_token()),
            $this->mark()->proof,
        );
    }

    /** Bound to this session; WordPress' own nonce would do as well, but the library's forms bring this one. */
    private function csrf(): Csrf
    {
        return new Csrf(wp_get_session_token());
    }
}
