<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\DeliveryState;
use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Login;
use MfaSidecar\Api\LoginMethod;
use MfaSidecar\Api\LoginStatus;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Error\SidecarUnavailable;
use MfaSidecar\Page\Message;

/**
 * The second half of a login, from the right password to the session.
 *
 * # Design
 *
 * The service decides; the flow remembers which login belongs to this browser and refuses to take an answer about
 * another one. Every way out of a method is a LoginStep, and only the answers to `begin`, `confirm` and `answer` can be
 * `Passed`: `current` reads, and reading never signs anybody in. Whatever is not known to be a success is a denial.
 *
 * A code is sent only by what a POST calls (`begin`, `choose`, `resend`, `setUp`): a page that is loaded again shows
 * the code that is on its way, which the service knows, and costs nobody a message.
 *
 * Attempts, expiry, replay and concurrency are counted by the service, so that a second browser or a replayed cookie
 * of the host gains nothing.
 */
final class LoginFlow
{
    /** Longer input is no code of any kind; the service need not see it. */
    private const MAX_CODE_BYTES = 64;

    private readonly \Closure $log;
    private readonly \Closure $now;

    /**
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     * @param (\Closure(): int)|null $now Unix time
     */
    public function __construct(
        private readonly Client $client,
        private readonly PendingLoginStore $store,
        ?\Closure $log = null,
        ?\Closure $now = null,
    ) {
        $this->log = $log ?? error_log(...);
        $this->now = $now ?? time(...);
    }

    /**
     * Call it once the host has proven the password, or, for a step-up, for the person who is signed in.
     *
     * Where the person prefers mail or text messages, the code is sent at once.
     */
    public function begin(
        User $user,
        Visitor $visitor,
        Purpose $purpose = Purpose::Login,
        #[\SensitiveParameter] ?string $trustedDevice = null,
    ): LoginStep {
        $this->store->clear();
        try {
            $login = $this->client->beginLogin($user, $visitor, $purpose, $trustedDevice);
            $offset = $login->createdAt->getTimestamp() - ($this->now)();
            $expiresAt = $login->expiresAt->getTimestamp() - $offset;
            $pending = new PendingLogin(
                $login->id,
                $user->id,
                $user->name,
                $purpose,
                $login->status === LoginStatus::EnrollmentRequired ? Stage::Enroll : Stage::Challenge,
                $expiresAt,
                $offset,
            );
            $step = $this->follow($login, $pending);
        } catch (SidecarError $error) {
            return $this->blocked($error);
        }
        // A locked user could not use the code.
        $sendsAtOnce = $step->asked !== null && $step->asked->method->isSent() && $login->retryAfter === null;
        return $sendsAtOnce ? $this->choose($step->asked->method, $step->asked->authenticatorId) : $step;
    }

    /** The page that belongs to the pending login, for a GET. Never `Passed`. */
    public function current(): LoginStep
    {
        return $this->withPending(
            fn (PendingLogin $pending): LoginStep => $this->show($pending),
            Explanation::ofSending(...),
        );
    }

    /**
     * What a form of the library asks for, by its own fields: for a host with one route for all of them.
     *
     * @param array<mixed> $fields of the POST; the host has checked its form token
     */
    public function submit(#[\SensitiveParameter] array $fields): LoginStep
    {
        $text = static fn (string $name): string => is_string($fields[$name] ?? null) ? trim($fields[$name]) : '';
        $pending = $this->store->load();
        $method = Method::tryFrom($text('method')) ?? $pending?->choice->method ?? Method::Totp;
        return match ($text('do')) {
            'choose' => $this->choose($method, $text('authenticator') ?: null),
            'resend' => $this->resend(),
            'set-up-known' => $this->setUp($method),
            'set-up' => $text('destination') === ''
                ? $this->current()->withError(self::destinationMissing($method))
                : $this->setUp($method, $text('destination'), $text('country') ?: null),
            default => $pending?->stage === Stage::Enroll
                ? $this->confirm($text('code'))
                : $this->answer($method, $text('code'), $text('trust') === '1'),
        };
    }

    /** Confirms the authenticator that was just set up. */
    public function confirm(#[\SensitiveParameter] string $code): LoginStep
    {
        return $this->withCode(
            $code,
            $this->store->load()?->choice->method,
            fn (PendingLogin $pending): Login => $this->client->confirmEnrollment($pending->loginId, $code),
        );
    }

    /** Answers the challenge by a method that the login offers, recovery codes included. */
    public function answer(
        Method $method,
        #[\SensitiveParameter] string $code,
        bool $trustDevice = false,
    ): LoginStep {
        return $this->withCode(
            $code,
            $method,
            fn (PendingLogin $pending): Login
                => $this->client->answer($pending->loginId, $method, $code, $trustDevice),
        );
    }

    /**
     * The person picks a way to answer, or to set up; a code that has to be sent for an answer is sent.
     *
     * @param string|null $authenticatorId tells addresses and numbers apart
     */
    public function choose(Method $method, ?string $authenticatorId = null): LoginStep
    {
        return $this->withPending(function (PendingLogin $pending) use ($method, $authenticatorId): LoginStep {
            // Kept before anything is sent, so that a refusal shows on the page of this method.
            $pending = $pending->choosing(new Choice(
                $method,
                $authenticatorId,
                // Chosen once more it means: to another address.
                asksDestination: $pending->stage === Stage::Enroll && $method === $pending->choice->method,
            ));
            $this->store->save($pending);
            $step = $this->show($pending);
            $isWaitedFor = $step->stage === Stage::Challenge && $step->asked->method === $method
                && $method->isSent() && $step->sentCode() === null;
            return $isWaitedFor ? $this->send($pending) : $step;
        }, Explanation::ofSending(...));
    }

    /** Sends another code to where the last one went, which is void from then on. */
    public function resend(): LoginStep
    {
        return $this->withPending(
            fn (PendingLogin $pending): LoginStep => $this->send($pending),
            Explanation::ofSending(...),
        );
    }

    /**
     * Names the address or number to set up and sends a code there; begins the set-up of an app.
     *
     * @param string|null $destination null: the one that the host has told
     * @param string|null $country ISO 3166-1 alpha-2, for a number without a calling code
     */
    public function setUp(Method $method, ?string $destination = null, ?string $country = null): LoginStep
    {
        $send = function (PendingLogin $pending) use ($method, $destination, $country): LoginStep {
            if ($pending->stage !== Stage::Enroll) {
                return $this->show($pending);
            }
            $choice = new Choice($method, null, $destination, $country, asksDestination: true);
            $pending = $pending->choosing($choice);
            $this->store->save($pending);
            return $this->send($pending);
        };
        return $this->withPending($send, Explanation::ofSending(...));
    }

    /** The person gives up. The host forgets at once; the service's copy expires by itself if it cannot be told. */
    public function cancel(): void
    {
        $pending = $this->store->load();
        $this->store->clear();
        if ($pending === null) {
            return;
        }
        try {
            $this->client->cancelLogin($pending->loginId);
        } catch (Problem) {
            // It had ended already.
        } catch (SidecarError $error) {
            ($this->log)('mfa-sidecar: ' . $error->getMessage());
        }
    }

    /** By the method that was chosen. */
    private function send(PendingLogin $pending): LoginStep
    {
        $choice = $pending->choice;
        if ($choice->method?->isSent() ?? false) {
            if ($pending->stage === Stage::Enroll) {
                $this->client->beginEnrollment(
                    $pending->loginId,
                    $choice->method,
                    $choice->destination,
                    $choice->country,
                );
                $choice = new Choice($choice->method, null, $choice->destination, $choice->country);
                $pending = $pending->choosing($choice);
            } else {
                $this->client->sendCode($pending->loginId, $choice->method, $choice->authenticatorId);
            }
        }
        return $this->show($pending);
    }

    /** @param \Closure(PendingLogin): Login $call */
    private function withCode(#[\SensitiveParameter] string $code, ?Method $method, \Closure $call): LoginStep
    {
        return $this->withPending(function (PendingLogin $pending) use ($code, $call): LoginStep {
            if (trim($code) === '') {
                return $this->show($pending)->withError(new Message('error.code_missing'));
            }
            if (strlen($code) > self::MAX_CODE_BYTES) {
                return $this->show($pending)->withError(new Message('error.code_malformed'));
            }
            return $this->follow($call($pending), $pending);
        }, static fn (Problem $problem): Message => Explanation::ofCode($problem, $method));
    }

    /**
     * @param \Closure(PendingLogin): LoginStep $step
     * @param \Closure(Problem, ?Method): Message $explain
     */
    private function withPending(\Closure $step, \Closure $explain): LoginStep
    {
        $pending = $this->store->load();
        if ($pending === null || $pending->expiresAt <= ($this->now)()) {
            return $this->over($pending, 'error.login_expired', 'error.step_up_expired');
        }
        try {
            try {
                return $step($pending);
            } catch (Problem $problem) {
                // What was chosen on the way to the problem stays chosen.
                $pending = $this->store->load() ?? $pending;
                return $this->afterProblem($problem, $pending, $explain($problem, $pending->choice->method));
            }
        } catch (SidecarError $error) {
            return $this->blocked($error);
        }
    }

    /** From the answer of a call that can pass the login to the next step. */
    private function follow(Login $login, PendingLogin $pending): LoginStep
    {
        $this->checkBelongs($login, $pending);
        if ($login->status === LoginStatus::Passed) {
            $this->store->clear();
            return LoginStep::passed($login, $pending, ($this->now)());
        }
        return $this->page($login, $pending);
    }

    /** From what the service says about the login to its page; `passed` was somebody else's answer to take. */
    private function show(PendingLogin $pending): LoginStep
    {
        $login = $this->client->login($pending->loginId);
        $this->checkBelongs($login, $pending);
        return $this->page($login, $pending);
    }

    private function page(Login $login, PendingLogin $pending): LoginStep
    {
        switch ($login->status) {
            case LoginStatus::EnrollmentRequired:
                return $this->enrollPage($login, $pending->at(Stage::Enroll, $login->expiresAt));
            case LoginStatus::ChallengeRequired:
                return $this->challengePage($login, $pending->at(Stage::Challenge, $login->expiresAt));
            case LoginStatus::Failed:
                return $this->over($pending, 'error.too_many_attempts', 'error.step_up_failed');
            case LoginStatus::Expired:
            case LoginStatus::Canceled:
            case LoginStatus::Passed:
                return $this->over($pending, 'error.login_expired', 'error.step_up_expired');
        }
    }

    private function challengePage(Login $login, PendingLogin $pending): LoginStep
    {
        $asked = self::asked($login, $pending->choice);
        if ($asked === null) {
            throw new Misconfigured('the login offers no method that this library can ask for');
        }
        $this->store->save($pending->choosing(Choice::of($asked)));
        $step = LoginStep::challenge($login, $asked);
        return match (true) {
            $login->retryAfter !== null => $step->withError(Explanation::locked($login->retryAfter)),
            $asked->method->isSent() && $step->sentCode() === null
                && $login->sentCode?->state === DeliveryState::Failed
                    => $step->withError(new Message('error.delivery')),
            default => $step,
        };
    }

    private function enrollPage(Login $login, PendingLogin $pending): LoginStep
    {
        $methods = array_values(array_filter(
            $login->enrollable,
            static fn (Method $method): bool => $method->canBeSetUp(),
        ));
        if ($methods === []) {
            throw new Misconfigured('the login offers no method that this library can set up');
        }
        $choice = $pending->choice;
        $sent = $login->sentCode?->state === DeliveryState::Failed ? null : $login->sentCode;
        $method = in_array($choice->method, $methods, true)
            ? $choice->method
            : $sent?->method ?? (count($methods) === 1 ? $methods[0] : null);
        if ($method !== $choice->method) {
            $choice = new Choice($method);
        }
        $pending = $pending->choosing($choice);
        $this->store->save($pending);

        $enrollment = null;
        if ($method === Method::Totp) {
            $enrollment = $this->client->beginEnrollment($login->id, Method::Totp);
            $this->store->save($pending->at(Stage::Enroll, $enrollment->expiresAt));
        } elseif ($sent !== null && $sent->method === $method && !$choice->asksDestination) {
            $enrollment = Enrollment::of($sent);
        }
        $asksNumber = $method === Method::Sms && $enrollment === null;
        return LoginStep::enroll($login, new SetUp(
            $methods,
            $method,
            $enrollment,
            $login->knownDestinations[$method?->value] ?? null,
            $asksNumber ? $this->client->smsCountries() : [],
            $choice,
            $pending->isReplacement,
        ));
    }

    /** What was chosen, else what a code is on its way for, else what the person prefers; recovery codes come last. */
    private static function asked(Login $login, Choice $choice): ?LoginMethod
    {
        $chosen = $choice->method === null ? null : $login->find($choice->method, $choice->authenticatorId);
        $sent = $login->sentCode;
        $asked = $chosen ?? ($sent === null ? null : $login->find($sent->method, $sent->authenticatorId));
        foreach ($login->methods as $method) {
            $isShown = !in_array($method->method, [Method::RecoveryCode, Method::Webauthn], true);
            $asked ??= $isShown ? $method : null;
        }
        return $asked ?? $login->find(Method::RecoveryCode);
    }

    private function afterProblem(Problem $problem, PendingLogin $pending, Message $error): LoginStep
    {
        return match ($problem->problem) {
            ProblemCode::CodeRejected,
            ProblemCode::Throttled,
            ProblemCode::MethodNotAvailable,
            ProblemCode::DeliveryFailed,
            ProblemCode::TooManyAuthenticators,
            ProblemCode::InvalidRequest => $this->show($pending)->withError($error),
            // The login moved on in another tab: its own page says where it is.
            ProblemCode::LoginNotPending => $this->show($pending),
            ProblemCode::LoginNotFound,
            ProblemCode::LoginExpired => $this->over($pending, 'error.login_expired', 'error.step_up_expired'),
            ProblemCode::AlreadyEnrolled => $this->over($pending, 'error.already_enrolled', 'error.step_up_expired'),
            default => $this->blocked($problem),
        };
    }

    /** @throws SidecarError when the answer is about somebody else: never let in on it */
    private function checkBelongs(Login $login, PendingLogin $pending): void
    {
        $same = hash_equals($pending->loginId, $login->id)
            && $pending->userId === $login->userId
            && $pending->purpose === $login->purpose;
        if (!$same) {
            $this->store->clear();
            throw new SidecarUnavailable('the answer is about another login, user or purpose');
        }
    }

    /** @param string $stepUpMessage for who is signed in and need not sign in again */
    private function over(?PendingLogin $pending, string $message, string $stepUpMessage): LoginStep
    {
        $this->store->clear();
        return LoginStep::over(new Message($pending?->purpose === Purpose::StepUp ? $stepUpMessage : $message));
    }

    private function blocked(SidecarError $error): LoginStep
    {
        ($this->log)('mfa-sidecar: ' . $error->getMessage());
        // What the person can do differs: wait, or tell the administrator.
        $message = $error instanceof SidecarUnavailable ? 'error.unavailable' : 'error.misconfigured';
        return LoginStep::blocked(new Message($message));
    }

    private static function destinationMissing(Method $method): Message
    {
        return new Message($method === Method::Sms ? 'error.phone_missing' : 'error.email_missing');
    }
}
