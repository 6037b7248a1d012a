<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Api\Purpose;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\SiteUser;

/**
 * Asks a person who is signed in who they are, before what protects the account is changed: for the password, and for a
 * factor where there is one.
 */
final class Confirmation
{
    /** Seconds that a confirmation is good for changes of what is enrolled; the service takes a factor for as long. */
    private const GOOD_SECONDS = 600;

    public function __construct(
        private readonly Service $service,
        private readonly ParkedLogins $parked,
        private readonly Sessions $sessions,
    ) {
    }

    /** @param string $redirectTo where the person comes back to */
    public static function url(string $redirectTo, ?Message $why = null): string
    {
        return LoginPage::url(array_filter([
            'view' => 'confirm',
            'redirect_to' => $redirectTo,
            SignInMessage::PARAMETER => $why === null ? '' : $why->key,
        ]));
    }

    public function isFresh(): bool
    {
        $age = time() - ($this->sessions->mark()?->confirmedAt ?? 0);
        return $age >= 0 && $age <= self::GOOD_SECONDS;
    }

    public function handle(): never
    {
        $user = wp_get_current_user();
        if (!$user->exists()) {
            LoginPage::redirect(LoginPage::signInUrl(null, null));
        }
        $redirectTo = wp_unslash($_REQUEST['redirect_to'] ?? '');
        // Of an empty address it makes an empty one.
        $redirectTo = wp_validate_redirect(is_string($redirectTo) ? $redirectTo : '') ?: admin_url('profile.php');
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $this->show($user, $redirectTo, SignInMessage::requested(), 200);
        }
        $fields = wp_unslash($_POST);
        $csrf = new Csrf(wp_get_session_token());
        if (wp_get_session_token() === '' || !$csrf->accepts($fields[Csrf::FIELD] ?? null)) {
            LoginPage::showStale(self::url($redirectTo));
        }
        // The whole of WordPress' check, so that plugins that count guesses count these, too. wp_authenticate() expects
        // the password as WordPress posts it, with slashes.
        $password = is_string($_POST['password'] ?? null) ? $_POST['password'] : '';
        $checked = $password === '' ? null : wp_authenticate($user->user_login, $password);
        if (!$checked instanceof \WP_User || $checked->ID !== $user->ID) {
            $this->show($user, $redirectTo, __('That password is not right. Please try again.', 'mfa-sidecar'), 422);
        }
        $this->askFactor($user, $redirectTo);
    }

    private function askFactor(\WP_User $user, string $redirectTo): never
    {
        $fresh = get_user_by('id', $user->ID) ?: throw new \UnexpectedValueException('the user is gone');
        $version = SiteUser::credentialVersion($fresh);
        $this->parked->expect(new LoginContext($redirectTo, false, '', false, false, $version));
        $flow = new LoginFlow($this->service->bridge(), $this->parked);
        $step = $flow->begin(SiteUser::of($fresh), SiteUser::visitor(), Purpose::StepUp);
        $this->parked->say($step->error);
        match ($step->stage) {
            // Nothing is enrolled: the password is all there is.
            Stage::Passed => $this->confirm($redirectTo),
            Stage::Challenge => LoginPage::redirect(LoginPage::url()),
            Stage::Enroll, Stage::Over => $this->again($redirectTo, new Message('error.step_up_expired')),
            Stage::Blocked => $this->again($redirectTo, $step->error),
        };
    }

    private function again(string $redirectTo, Message $why): never
    {
        LoginPage::redirect(self::url($redirectTo, $why));
    }

    private function confirm(string $redirectTo): never
    {
        $mark = $this->sessions->mark() ?? new SessionMark('password', 0);
        $this->sessions->update($mark->confirmed(null, time()));
        LoginPage::redirect($redirectTo);
    }

    private function show(\WP_User $user, string $redirectTo, ?string $error, int $status): never
    {
        $html = sprintf(
            '<form class="mfa-form" method="post" action="%s">
               <input type="hidden" name="%s" value="%s">
               <p class="mfa-intro">%s</p>
               %s
               <input type="text" name="username" value="%s" autocomplete="username" hidden>
               <label for="mfa-password">%s</label>
               <input class="mfa-text" id="mfa-password" name="password" type="password" required autofocus
                 autocomplete="current-password" data-testid="password"%s>
               <button class="mfa-button" data-testid="confirm-password">%s</button>
               <p class="mfa-other"><a href="%s">%s</a></p>
             </form>',
            esc_url(self::url($redirectTo)),
            esc_attr(Csrf::FIELD),
            esc_attr((new Csrf(wp_get_session_token()))->token()),
            esc_html__(
                'Please enter your password once more before you change what protects your account.',
                'mfa-sidecar',
            ),
            $error === null ? '' : sprintf(
                '<p class="mfa-error" id="mfa-error" role="alert" data-testid="error">%s</p>',
                esc_html($error),
            ),
            esc_attr($user->user_login),
            esc_html__('Password', 'mfa-sidecar'),
            $error === null ? '' : ' aria-invalid="true" aria-describedby="mfa-error"',
            esc_html__('Continue', 'mfa-sidecar'),
            esc_url($redirectTo),
            esc_html__('Cancel and go back', 'mfa-sidecar'),
        );
        $title = __('Confirm that it is you', 'mfa-sidecar');
        LoginPage::show($title, $html, $status, false, $error !== null, 'confirm');
    }
}
