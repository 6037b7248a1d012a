<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Api\Purpose;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\SiteUser;
use MfaSidecar\WordPress\Words;

/** The pages after the password: code, recovery code, set-up. For a login, and for a step-up of who is signed in. */
final class SecondStep
{
    public function __construct(
        private readonly Service $service,
        private readonly ParkedLogins $parked,
        private readonly Sessions $sessions,
        private readonly Gate $gate,
    ) {
    }

    public function handle(): never
    {
        $context = $this->parked->context();
        $purpose = $this->parked->load()?->purpose;
        $csrf = $this->parked->csrf();
        if ($context === null || $csrf === null) {
            $this->over(new Message('error.login_expired'), null, null);
        }
        $flow = new LoginFlow($this->service->bridge(), $this->parked);
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $said = $this->parked->takeSaid();
            $step = $flow->current();
            $step = $said !== null && $step->error === null ? $step->withError($said) : $step;
            $this->page($step, $context, $purpose, $csrf);
        }
        $fields = wp_unslash($_POST);
        if (!$csrf->accepts($fields[Csrf::FIELD] ?? null)) {
            // Somebody else's form: the login waits for its own.
            LoginPage::showStale(LoginPage::url([], $context->isInterim), $context->isInterim);
        }
        if (($fields['do'] ?? null) === 'cancel') {
            $flow->cancel();
            // The sign-in form would ask who is signed in at once again.
            LoginPage::redirect($purpose === Purpose::StepUp || is_user_logged_in()
                ? self::back($context)
                : LoginPage::signInUrl(null, $context));
        }
        $step = $flow->submit($fields);
        if ($step->error !== null || $step->stage === Stage::Blocked) {
            $this->page($step, $context, $purpose, $csrf);
        }
        match ($step->stage) {
            Stage::Passed => $this->passed($step, $context, $purpose),
            default => LoginPage::redirect(LoginPage::url([], $context->isInterim)),
        };
    }

    private function page(LoginStep $step, LoginContext $context, ?Purpose $purpose, Csrf $csrf): never
    {
        $isRecovery = ($_GET['way'] ?? null) === 'recovery';
        $here = LoginPage::url([], $context->isInterim);
        $recovery = LoginPage::url(['way' => 'recovery'], $context->isInterim);
        $forms = new Forms(Words::current(), Words::country());
        match ($step->stage) {
            Stage::Enroll => $this->show(
                'setup',
                $step->title(),
                $forms->setup($step->setUp, new FormTarget($here, $csrf, $here), $step->error),
                $step,
                $context,
            ),
            Stage::Challenge => $isRecovery
                ? $this->show(
                    'recovery',
                    new Message('recovery.title'),
                    $forms->recovery($step, new FormTarget($recovery, $csrf, $here, $here)),
                    $step,
                    $context,
                )
                : $this->show(
                    'code',
                    $step->title(),
                    $forms->code($step, new FormTarget($here, $csrf, $here, $recovery)),
                    $step,
                    $context,
                ),
            Stage::Blocked => LoginPage::showProblem(
                Words::current()->of($step->error),
                $step->httpStatus(),
                $here,
                $context->isInterim,
            ),
            Stage::Over, Stage::Passed => $this->over(
                $step->error ?? new Message('error.login_expired'),
                $context,
                $purpose,
            ),
        };
    }

    private function show(
        string $name,
        Message $title,
        #[\SensitiveParameter] string $html,
        LoginStep $step,
        LoginContext $context,
    ): never {
        $title = Words::current()->of($title);
        LoginPage::show($title, $html, $step->httpStatus(), $context->isInterim, $step->error !== null, $name);
    }

    private function passed(LoginStep $step, LoginContext $context, ?Purpose $purpose): never
    {
        $user = get_user_by('id', (int) $step->passedUserId);
        $isSame = $user instanceof \WP_User
            && (string) $user->ID === $step->passedUserId
            && hash_equals($context->credentialVersion, SiteUser::credentialVersion($user));
        if (!$isSame || is_wp_error(wp_authenticate_spam_check($user))) {
            // Deleted, blocked, or given another password while the code was on its way.
            $this->over(new Message('error.login_expired'), $context, $purpose);
        }
        if ($purpose === Purpose::StepUp) {
            $this->confirmed($step, $user, $context);
        }
        $this->open($step, $user, $context);
    }

    private function open(LoginStep $step, \WP_User $user, LoginContext $context): never
    {
        $codes = $step->login->recoveryCodes;
        if ($codes !== []) {
            $this->gate->welcomeWith($user->ID, new Welcome($context, $codes));
        }
        $this->sessions->admit($user->ID, SessionMark::of($step, time())->withWelcome($codes !== []));
        wp_set_auth_cookie($user->ID, $context->remember, $context->secure);
        TrustedBrowser::remember($step->login->trustedDevice);
        // Here and not before, so that plugins that write logins down see complete ones only.
        do_action('wp_login', $user->user_login, $user);
        if ($codes !== []) {
            LoginPage::redirect(LoginPage::url(['view' => 'welcome'], $context->isInterim));
        }
        AfterLogin::go($user, $context);
    }

    private function confirmed(LoginStep $step, \WP_User $user, LoginContext $context): never
    {
        $mark = $this->sessions->mark() ?? new SessionMark('password', 0);
        if ($user->ID !== get_current_user_id() || !$step->isProvenByFactor()) {
            $this->over(new Message('error.step_up_expired'), $context, Purpose::StepUp);
        }
        $this->sessions->update($mark->confirmed($step->proof, time())->withNotice($step->notice()));
        LoginPage::redirect(self::back($context));
    }

    private static function back(LoginContext $context): string
    {
        // Of an empty address it makes an empty one.
        return wp_validate_redirect($context->redirectTo) ?: admin_url();
    }

    private function over(Message $why, ?LoginContext $context, ?Purpose $purpose): never
    {
        if ($purpose === Purpose::StepUp) {
            LoginPage::redirect(Confirmation::url($context->redirectTo ?? '', $why));
        }
        if ($context === null && is_user_logged_in()) {
            // A second click, or the way back: the login has worked.
            LoginPage::redirect(admin_url());
        }
        LoginPage::redirect(LoginPage::signInUrl($why, $context));
    }
}
