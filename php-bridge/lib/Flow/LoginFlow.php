<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Login;
use MfaSidecar\Api\LoginStatus;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
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

    /** Call it once the host has proven the password, or, for a step-up, for the person who is signed in. */
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
                Stage::Challenge,
                $expiresAt,
                $offset,
            );
            return $this->follow($login, $pending);
        } catch (SidecarError $error) {
            return $this->blocked($error);
        }
    }

    /** The page that belongs to the pending login, for a GET. Never `Passed`. */
    public function current(): LoginStep
    {
        return $this->withPending(fn (PendingLogin $pending): LoginStep => $this->show($pending));
    }

    /** Confirms the authenticator that was just set up. */
    public function confirm(#[\SensitiveParameter] string $code): LoginStep
    {
        return $this->withCode(
            $code,
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
            fn (PendingLogin $pending): Login
                => $this->client->answer($pending->loginId, $method, $code, $trustDevice),
        );
    }

    /** Sends a code by mail or SMS and shows the code page. */
    public function sendCode(Method $method): LoginStep
    {
        return $this->withPending(function (PendingLogin $pending) use ($method): LoginStep {
            $this->client->sendCode($pending->loginId, $method);
            return $this->show($pending);
        });
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

    /** @param \Closure(PendingLogin): Login $call */
    private function withCode(#[\SensitiveParameter] string $code, \Closure $call): LoginStep
    {
        return $this->withPending(function (PendingLogin $pending) use ($code, $call): LoginStep {
            if (trim($code) === '') {
                return $this->show($pending)->withError(new Message('error.code_missing'));
            }
            if (strlen($code) > self::MAX_CODE_BYTES) {
                return $this->show($pending)->withError(new Message('error.code_malformed'));
            }
            return $this->follow($call($pending), $pending);
        });
    }

    /** @param \Closure(PendingLogin): LoginStep $step */
    private function withPending(\Closure $step): LoginStep
    {
        $pending = $this->store->load();
        if ($pending === null || $pending->expiresAt <= ($this->now)()) {
            $this->store->clear();
            return LoginStep::over(new Message('error.login_expired'));
        }
        try {
            try {
                return $step($pending);
            } catch (Problem $problem) {
                return $this->afterProblem($problem, $pending);
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
            return LoginStep::passed($login, $pending);
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
                $this->store->save($pending->at(Stage::Enroll, $login->expiresAt));
                $enrollment = $this->client->beginEnrollment($login->id, Method::Totp);
                $this->store->save($pending->at(Stage::Enroll, $enrollment->expiresAt));
                return LoginStep::enroll($login, $enrollment);
            case LoginStatus::ChallengeRequired:
                $this->store->save($pending->at(Stage::Challenge, $login->expiresAt));
                $step = LoginStep::challenge($login);
                return $login->retryAfter === null ? $step : $step->withError(self::throttled($login->retryAfter));
            case LoginStatus::Failed:
                return $this->over('error.too_many_attempts');
            case LoginStatus::Expired:
            case LoginStatus::Canceled:
            case LoginStatus::Passed:
                return $this->over('error.login_expired');
        }
    }

    private function afterProblem(Problem $problem, PendingLogin $pending): LoginStep
    {
        return match ($problem->problem) {
            ProblemCode::CodeRejected => $this->show($pending)->withError(
                $problem->attemptsRemaining === null
                    ? new Message('error.code_rejected')
                    : new Message('error.code_rejected_left', ['count' => $problem->attemptsRemaining]),
            ),
            ProblemCode::Throttled => $this->show($pending)->withError(self::throttled($problem->retryAfter ?? 30)),
            ProblemCode::MethodNotAvailable => $this->show($pending)->withError(new Message('error.method')),
            ProblemCode::DeliveryFailed => $this->show($pending)->withError(new Message('error.delivery')),
            ProblemCode::InvalidRequest => $this->show($pending)->withError(new Message('error.code_malformed')),
            // The login moved on in another tab: its own page says where it is.
            ProblemCode::LoginNotPending => $this->show($pending),
            ProblemCode::LoginNotFound, ProblemCode::LoginExpired => $this->over('error.login_expired'),
            ProblemCode::AlreadyEnrolled => $this->over('error.already_enrolled'),
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

    private function over(string $message): LoginStep
    {
        $this->store->clear();
        return LoginStep::over(new Message($message));
    }

    private function blocked(SidecarError $error): LoginStep
    {
        ($this->log)('mfa-sidecar: ' . $error->getMessage());
        // What the person can do differs: wait, or tell the administrator.
        $message = $error instanceof SidecarUnavailable ? 'error.unavailable' : 'error.misconfigured';
        return LoginStep::blocked(new Message($message));
    }

    private static function throttled(int $seconds): Message
    {
        return new Message('error.throttled', ['seconds' => max(1, $seconds)]);
    }
}
