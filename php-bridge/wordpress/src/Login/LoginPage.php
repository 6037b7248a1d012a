<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Plugin;
use MfaSidecar\WordPress\Words;

/** Pages of wp-login.php?action=mfa, in the look of WordPress' own login, and the ways to them. */
final class LoginPage
{
    public const ACTION = 'mfa';

    /** @param array<string, string> $query */
    public static function url(array $query = [], bool $isInterim = false): string
    {
        $query = ['action' => self::ACTION] + $query + ($isInterim ? ['interim-login' => '1'] : []);
        // With site_url() it follows plugins that move wp-login.php.
        return add_query_arg(array_map('rawurlencode', $query), site_url('wp-login.php', 'login'));
    }

    /** The sign-in form, which says why the person is there again. */
    public static function signInUrl(?Message $why, ?LoginContext $context): string
    {
        return add_query_arg(array_map('rawurlencode', array_filter([
            SignInMessage::PARAMETER => $why === null ? '' : $why->key,
            'redirect_to' => $context?->redirectTo ?? '',
            'interim-login' => $context?->isInterim ?? false ? '1' : '',
            'customize-login' => $context?->isCustomizer ?? false ? '1' : '',
        ])), site_url('wp-login.php', 'login'));
    }

    /** After a POST, so that a reload repeats nothing; only to addresses of this class or of WordPress. */
    public static function redirect(string $url): never
    {
        nocache_headers();
        wp_redirect($url, 303, 'mfa-sidecar');
        exit;
    }

    /** @param string $html of the library's forms, or escaped */
    public static function show(
        string $title,
        #[\SensitiveParameter] string $html,
        int $status = 200,
        bool $isInterim = false,
        bool $isError = false,
        string $name = '',
    ): never {
        // login_header() and login_footer() read it; wp-login.php sets it only later.
        $GLOBALS['interim_login'] = $isInterim;
        self::sendHeaders($status, $isInterim);
        add_action('login_enqueue_scripts', Plugin::enqueueForms(...));
        // It would send what is typed here to a page of its own.
        add_filter('login_display_language_dropdown', '__return_false');
        $page = $isError ? Words::current()->text('error.title_prefix', ['title' => $title]) : $title;
        login_header(esc_html($page));
        printf(
            '<div class="mfa-card" data-testid="page" data-page="%s"><h2 class="mfa-title">%s</h2>%s</div>',
            esc_attr($name),
            esc_html($title),
            // phpcs:ignore -- the library's templates escape every value
            $html,
        );
        login_footer();
        exit;
    }

    /** Says what went wrong, with a way on. */
    public static function showProblem(string $sentence, int $status, string $url, bool $isInterim = false): never
    {
        self::show(Words::current()->text('error.heading'), sprintf(
            '<div class="mfa-form"><p class="mfa-error" role="alert" data-testid="error">%s</p>'
                . '<p class="mfa-other"><a href="%s" data-testid="try-again">%s</a></p></div>',
            esc_html($sentence),
            esc_url($url),
            esc_html__('Try again', 'mfa-sidecar'),
        ), $status, $isInterim, false, 'problem');
    }

    /** A form whose token is not the one of this browser. */
    public static function showStale(string $url, bool $isInterim = false): never
    {
        self::showProblem(
            __('This form is too old, or did not come from this site. Nothing was changed.', 'mfa-sidecar'),
            403,
            $url,
            $isInterim,
        );
    }

    /** WordPress' own sign that a login in a frame has worked: the page above closes the frame. */
    public static function showInterimSuccess(bool $isCustomizer): never
    {
        if ($isCustomizer) {
            wp_enqueue_script('customize-base');
        }
        $GLOBALS['interim_login'] = 'success';
        self::sendHeaders(200, true);
        login_header('', sprintf(
            '<p class="message">%s</p>',
            esc_html__('You have logged in successfully.', 'mfa-sidecar'),
        ));
        echo '</div>';
        do_action('login_footer');
        if ($isCustomizer) {
            printf(
                '<script>setTimeout(function () { '
                    . 'new wp.customize.Messenger({ url: %s, channel: "login" }).send("login"); }, 1000);</script>',
                wp_json_encode(wp_customize_url()),
            );
        }
        echo '</body></html>';
        exit;
    }

    private static function sendHeaders(int $status, bool $isInterim): void
    {
        status_header($status);
        header('Cache-Control: no-store, private');
        header('Referrer-Policy: same-origin');
        header('X-Content-Type-Options: nosniff');
        // The frame of an interim login is WordPress' own, and from the same origin.
        header('X-Frame-Options: ' . ($isInterim ? 'SAMEORIGIN' : 'DENY'));
        $ancestors = $isInterim ? "'self'" : "'none'";
        header("Content-Security-Policy: frame-ancestors $ancestors; base-uri 'none'; object-src 'none'");
    }
}
