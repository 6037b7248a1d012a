<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\PasswordOnly;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Settings;
use MfaSidecar\WordPress\SiteUser;
use MfaSidecar\WordPress\Words;

/**
 * Stands behind everything that WordPress and other plugins do with a password.
 *
 * # Design
 *
 * WordPress fires `wp_authenticate` only in wp_signon(), so it tells a login from a bare check of a password. After a
 * login's password the service is asked; who has to prove a factor is led away before any session or cookie exists.
 * A bare check for somebody who is not signed in is how an API or another plugin's token asks: it is refused where the
 * second factor applies, because no page can follow. A cookie that appears without either, by a direct
 * wp_set_auth_cookie(), is held back and its session destroyed.
 *
 * Every hook denies when something is thrown in it.
 */
final class Gate
{
    private bool $isSigningOn = false;
    private bool $remember = false;
    private int $applicationPasswordOf = 0;
    private ?LoginStep $passed = null;
    private ?LoginContext $context = null;
    /** @var array{userId: int, token: string, expire: int, scheme: string}|null the cookie that WordPress is about to send */
    private ?array $cookie = null;
    private string $sessionToken = '';
    /** @var array<int, Welcome> by user */
    private array $welcomes = [];

    public function __construct(
        private readonly Settings $settings,
        private readonly Service $service,
        private readonly Sessions $sessions,
        private readonly Challenge $challenge,
    ) {
    }

    public function register(): void
    {
        add_action('auth_cookie_valid', $this->sessions->remember(...), 10, 2);
        add_filter('attach_session_information', Log::quietly($this->sessions->attach(...)), PHP_INT_MAX, 2);
        add_action('wp_authenticate', $this->beginSignOn(...), PHP_INT_MIN);
        add_filter('secure_signon_cookie', $this->noteRemember(...), PHP_INT_MAX, 2);
        add_action('application_password_did_authenticate', $this->noteApplicationPassword(...));
        add_filter('authenticate', $this->beginCheck(...), PHP_INT_MIN);
        add_filter('authenticate', $this->authenticate(...), PHP_INT_MAX, 3);
        add_action('set_auth_cookie', $this->noteCookie(...), PHP_INT_MAX, 6);
        add_filter('send_auth_cookies', $this->holdBackCookies(...), PHP_INT_MAX);
        add_filter('login_redirect', $this->viaWelcome(...), PHP_INT_MAX, 3);
        if (!$this->settings->allowsApplicationPasswords()) {
            add_filter('wp_is_application_passwords_available', '__return_false', PHP_INT_MAX);
        }
    }

    /** Action wp_authenticate. */
    public function beginSignOn(): void
    {
        $this->isSigningOn = true;
        $this->remember = false;
    }

    /** Filter secure_signon_cookie: the one place that tells whether the login is to be remembered. */
    public function noteRemember(mixed $secure, mixed $credentials): mixed
    {
        $this->remember = is_array($credentials) && !empty($credentials['remember']);
        return $secure;
    }

    /** Filter authenticate, before everybody else: an application password counts for the check that it was typed for. */
    public function beginCheck(mixed $user): mixed
    {
        $this->applicationPasswordOf = 0;
        return $user;
    }

    /** Action application_password_did_authenticate. */
    public function noteApplicationPassword(mixed $user): void
    {
        $this->applicationPasswordOf = $user instanceof \WP_User ? $user->ID : 0;
    }

    /** Filter authenticate, after everybody else. */
    public function authenticate(mixed $user, mixed $name = '', #[\SensitiveParameter] mixed $password = ''): mixed
    {
        $isSigningOn = $this->isSigningOn;
        $this->isSigningOn = false;
        if (!$user instanceof \WP_User || self::isCommand()) {
            return $user;
        }
        try {
            if (!$isSigningOn) {
                return $this->bareCheck($user);
            }
            // With neither name nor password the user came by the cookie of a session that is open already.
            $isByCookie = empty($name) && empty($password) && $this->sessions->isSignedIn($user->ID);
            return $isByCookie ? $this->renew($user) : $this->signOn($user);
        } catch (\Throwable $error) {
            Log::note($error);
            Challenge::deny(new Message('error.misconfigured'), 503);
        }
    }

    /** Action set_auth_cookie. */
    public function noteCookie(
        #[\SensitiveParameter] mixed $cookie,
        mixed $expire,
        mixed $expiration,
        mixed $userId,
        mixed $scheme,
        #[\SensitiveParameter] mixed $token = '',
    ): void {
        $this->cookie = [
            'userId' => (int) $userId,
            'token' => (string) $token,
            'expire' => (int) $expire,
            'scheme' => (string) $scheme,
        ];
    }

    /** What the person reads first in the session that opens next; where a plugin renews it at once, in the renewed one. */
    public function welcomeWith(int $userId, Welcome $welcome): void
    {
        $this->welcomes[$userId] = $welcome;
    }

    /** Filter send_auth_cookies, which WordPress also asks when it clears the cookies. */
    public function holdBackCookies(mixed $send): mixed
    {
        $cookie = $this->cookie;
        $this->cookie = null;
        if ($cookie === null || self::isCommand()) {
            return $send;
        }
        ['userId' => $userId, 'token' => $token, 'expire' => $expire, 'scheme' => $scheme] = $cookie;
        try {
            if ($this->sessions->takeTicket($userId)) {
                $this->sessionToken = $token;
                ($this->welcomes[$userId] ?? null)?->keep($token);
                return $send;
            }
            \WP_Session_Tokens::get_instance($userId)->destroy($token);
            $user = get_user_by('id', $userId);
            if (!$user instanceof \WP_User) {
                return false;
            }
            $context = LoginContext::ofRequest($user, $expire !== 0, $scheme === 'secure_auth');
            $step = $this->challenge->meet($user, $context);
            // Nothing to prove. The session goes as it was destroyed: this one carries the mark.
            $this->sessions->admit($userId, SessionMark::of($step, time()));
            wp_set_auth_cookie($userId, $expire !== 0, $scheme === 'secure_auth');
            return false;
        } catch (\Throwable $error) {
            Log::note($error);
            Challenge::deny(new Message('error.misconfigured'), 503);
        }
    }

    /** Filter login_redirect: within the period of grace the reminder comes first. */
    public function viaWelcome(mixed $redirectTo, mixed $requested, mixed $user): mixed
    {
        $endsAt = $this->passed?->graceEndsAt();
        $isTheirs = $user instanceof \WP_User && $this->passed?->passedUserId === (string) $user->ID;
        if ($endsAt === null || !$isTheirs || $this->context->isInterim || $this->sessionToken === '') {
            return $redirectTo;
        }
        $this->passed = null;
        try {
            (new Welcome($this->context, [], $endsAt))->keep($this->sessionToken);
            return LoginPage::url(['view' => 'welcome']);
        } catch (\Throwable $error) {
            // A reminder that cannot be shown keeps nobody out.
            Log::note($error);
            return $redirectTo;
        }
    }

    /** WordPress gives whoever opens its login page with a valid session another one. */
    private function renew(\WP_User $user): \WP_User|\WP_Error
    {
        if ($this->sessions->isProven($user->ID)) {
            return $user;
        }
        if (SignInMessage::requested() !== null || !empty($_REQUEST['reauth'])) {
            // They have just been sent here, and to ask again would be a circle. With these codes WordPress shows its
            // empty form, and nobody counts a failed login.
            $nothingTyped = new \WP_Error('empty_username');
            $nothingTyped->add('empty_password', '');
            return $nothingTyped;
        }
        return $this->signOn($user);
    }

    private function signOn(\WP_User $user): \WP_User
    {
        // WordPress may have hashed the password anew, and the object is from before.
        $user = get_user_by('id', $user->ID) ?: throw new \UnexpectedValueException('the user is gone');
        global $auth_secure_cookie;
        $this->context = LoginContext::ofRequest($user, $this->remember, $auth_secure_cookie ?? '');
        $this->passed = $this->challenge->meet($user, $this->context);
        $this->sessions->admit($user->ID, SessionMark::of($this->passed, time()));
        return $user;
    }

    private function bareCheck(\WP_User $user): \WP_User|\WP_Error
    {
        $isApplicationPassword = $this->applicationPasswordOf === $user->ID;
        $this->applicationPasswordOf = 0;
        if ($isApplicationPassword || $this->isCurrent($user)) {
            return $user;
        }
        $user = get_user_by('id', $user->ID) ?: throw new \UnexpectedValueException('the user is gone');
        $isEnough = (new PasswordOnly($this->service->bridge()))->isEnough(SiteUser::of($user), SiteUser::visitor());
        return match ($isEnough) {
            true => $user,
            false => new \WP_Error('mfa_sidecar_required', esc_html__(
                'This account needs a second step, which cannot be asked for here. Please use the login page of this '
                    . 'site, or an application password.',
                'mfa-sidecar',
            ), ['status' => 403]),
            null => Challenge::die(Words::current()->text('error.unavailable'), 503),
        };
    }

    /**
     * Whether this user is signed in, and WordPress goes on taking the cookie: the REST API drops it where the nonce is
     * missing. get_current_user_id() would begin to look for the user, in the midst of which plugins check passwords.
     */
    private function isCurrent(\WP_User $user): bool
    {
        global $current_user;
        return $this->sessions->isSignedIn($user->ID)
            && $current_user instanceof \WP_User
            && $current_user->ID === $user->ID;
    }

    /**
     * Who has a shell on the server needs no login, and there is no browser to ask. A server that is a command itself
     * says of its requests where they come from; so does WP-CLI, of requests that it makes up.
     */
    private static function isCommand(): bool
    {
        $isRequest = isset($_SERVER['REQUEST_METHOD']) || isset($_SERVER['REMOTE_ADDR']);
        return PHP_SAPI === 'cli' && (!$isRequest || defined('WP_CLI'));
    }
}
