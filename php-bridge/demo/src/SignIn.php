<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\LocalUrl;
use MfaSidecar\Page\Message;

/** The site's login: the password here, the rest by LoginFlow on the pages of SecondStep. */
final class SignIn
{
    public readonly SecondStep $secondStep;

    public function __construct(
        private readonly Accounts $accounts,
        private readonly Session $session,
        private readonly LoginFlow $flow,
        Forms $forms,
        private readonly Pages $pages,
        private readonly string $language,
        private readonly bool $isSecure,
    ) {
        $this->secondStep = new SecondStep(
            $flow,
            $forms,
            $pages,
            $session,
            '/login',
            $this->signIn(...),
            $this->startAgain(...),
        );
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
        $step = $this->flow->begin(
            $account->forService($this->language),
            new Visitor($request->ip, $request->userAgent),
            trustedDevice: $request->cookie(TrustedBrowser::COOKIE),
        );
        $this->session->renewCsrf();
        $this->session->rememberReturn($return);
        return $step->stage === Stage::Blocked
            ? $this->passwordPage($return, $account->name, $step->error, $step->httpStatus())
            : $this->secondStep->next($step);
    }

    public function cancel(): Response
    {
        $this->flow->cancel();
        return Response::seeOther('/login');
    }

    private function signIn(LoginStep $step): Response
    {
        $login = $step->login;
        $return = $this->session->takeReturn();
        $account = $this->accounts->byId($step->passedUserId);
        if ($account === null) {
            // It can have gone while the code was on its way.
            return $this->startAgain(new Message('error.login_expired'));
        }
        $by = $login->enrolledNow ? 'enrolled' : ($login->method?->value ?? $login->reason ?? 'password');
        $this->session->signIn($account, $by, $step->proof);
        if ($login->trustedDevice !== null) {
            TrustedBrowser::remember($login->trustedDevice, $this->isSecure);
        }
        if ($step->notice() !== null) {
            $this->session->say($step->notice());
        }
        if ($login->recoveryCodes !== []) {
            $this->session->keepRecoveryCodes($login->recoveryCodes, $return, isSignIn: true);
            return Response::seeOther('/recovery-codes');
        }
        if ($step->graceEndsAt() !== null) {
            // The password was typed a moment ago: setting up needs no second asking.
            $this->session->confirm(null);
            $this->session->keepGrace($step->graceEndsAt(), $return);
            return Response::seeOther('/grace');
        }
        return Response::seeOther($return);
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
}
