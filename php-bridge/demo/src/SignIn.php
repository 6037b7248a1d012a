<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Login;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\LocalUrl;
use MfaSidecar\Page\Message;

/**
 * The site's login: the password here, the rest by LoginFlow.
 *
 * A POST that moves on answers with a redirect to the page of the step; a page always shows what the service says about
 * the pending login, so that reloads and second tabs agree.
 */
final class SignIn
{
    private const SETUP = '/login/setup';
    private const CODE = '/login/code';
    private const RECOVERY = '/login/recovery';

    public function __construct(
        private readonly Accounts $accounts,
        private readonly Session $session,
        private readonly LoginFlow $flow,
        private readonly Forms $forms,
        private readonly Pages $pages,
    ) {
    }

    public function showPassword(Request $request): Response
    {
        return $this->passwordPage(LocalUrl::accept($request->query('return')), '', $this->session->takeError(), 200);
    }

    public function password(Request $request): Response
    {
        $return = LocalUrl::accept($request->field('return'));
        $account = $this->accounts->authenticate($request->field('username'), $request->field('password'));
        if ($account === null) {
            return $this->passwordPage($return, $request->field('username'), new Message('sign-in.rejected'), 422);
        }
        $step = $this->flow->begin($account->forService(), new Visitor($request->ip, $request->userAgent));
        $this->session->renewCsrf();
        $this->session->rememberReturn($return);
        return $step->stage === Stage::Blocked
            ? $this->passwordPage($return, $account->name, $step->error, $step->httpStatus())
            : $this->next($step);
    }

    public function showSetup(): Response
    {
        return $this->page($this->flow->current(), self::SETUP);
    }

    public function setup(Request $request): Response
    {
        return $this->afterCode($this->flow->confirm($request->field('code')), self::SETUP);
    }

    public function showCode(): Response
    {
        return $this->page($this->flow->current(), self::CODE);
    }

    public function code(Request $request): Response
    {
        return $this->afterCode($this->flow->answer(Method::Totp, $request->field('code')), self::CODE);
    }

    public function showRecovery(): Response
    {
        return $this->page($this->flow->current(), self::RECOVERY);
    }

    public function recovery(Request $request): Response
    {
        return $this->afterCode($this->flow->answer(Method::RecoveryCode, $request->field('code')), self::RECOVERY);
    }

    public function cancel(): Response
    {
        $this->flow->cancel();
        return Response::seeOther('/login');
    }

    private function afterCode(LoginStep $step, string $path): Response
    {
        // A wrong code shows the same page again; everything else moves on.
        return $step->error !== null ? $this->page($step, $path) : $this->next($step);
    }

    private function next(LoginStep $step): Response
    {
        return match ($step->stage) {
            Stage::Passed => $this->signIn($step->passedUserId, $step->login),
            Stage::Enroll => Response::seeOther(self::SETUP),
            Stage::Challenge => Response::seeOther(self::CODE),
            Stage::Over => $this->startAgain($step->error),
            Stage::Blocked => $this->blocked($step, '/login'),
        };
    }

    private function page(LoginStep $step, string $path): Response
    {
        return match ($step->stage) {
            Stage::Enroll => $path === self::SETUP ? $this->setupPage($step) : $this->next($step),
            Stage::Challenge => match ($path) {
                self::CODE => $this->codePage($step),
                self::RECOVERY => $this->recoveryPage($step),
                default => $this->next($step),
            },
            Stage::Blocked => $this->blocked($step, $path),
            Stage::Over, Stage::Passed => $this->next($step),
        };
    }

    private function signIn(string $userId, Login $login): Response
    {
        $return = $this->session->takeReturn();
        // The account can have gone while the code was on its way.
        if ($this->accounts->byId($userId) === null) {
            return $this->startAgain(new Message('error.login_expired'));
        }
        $by = $login->enrolledNow ? 'enrolled' : ($login->method?->value ?? 'password');
        $this->session->signIn($userId, $by);
        if ($login->recoveryCodes === []) {
            return Response::seeOther($return);
        }
        $this->session->keepRecoveryCodes($login->recoveryCodes, $return);
        return Response::seeOther('/recovery-codes');
    }

    private function startAgain(Message $why): Response
    {
        $this->session->say($why, isError: true);
        return Response::seeOther('/login');
    }

    private function passwordPage(string $return, string $name, ?Message $error, int $status): Response
    {
        $values = ['return' => $return, 'name' => $name, 'error' => $error];
        return $this->pages->show('sign-in', new Message('sign-in.title'), $values, $status);
    }

    private function setupPage(LoginStep $step): Response
    {
        $html = $this->forms->setup($step->enrollment, $this->target(self::SETUP), $step->error);
        return $this->form('setup', 'setup.title', $html, $step, 1);
    }

    private function codePage(LoginStep $step): Response
    {
        $html = $this->forms->code($step->login, $this->target(self::CODE, self::RECOVERY), $step->error);
        return $this->form('code', 'code.title', $html, $step);
    }

    private function recoveryPage(LoginStep $step): Response
    {
        $html = $this->forms->recovery($step->login, $this->target(self::RECOVERY, self::CODE), $step->error);
        return $this->form('recovery', 'recovery.title', $html, $step);
    }

    private function form(string $page, string $title, string $html, LoginStep $step, ?int $number = null): Response
    {
        $isError = $step->error !== null;
        return $this->pages->form($page, new Message($title), $html, $number, $isError, $step->httpStatus());
    }

    private function blocked(LoginStep $step, string $path): Response
    {
        $title = new Message('problem.blocked');
        return $this->pages->problem($title, $step->error, $step->httpStatus(), $path, 'problem.try_again');
    }

    private function target(string $action, ?string $other = null): FormTarget
    {
        return new FormTarget($action, $this->session->csrf(), '/login/cancel', $other);
    }
}
