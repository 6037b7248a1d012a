<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\User;
use MfaSidecar\Api\UserState;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Error\SidecarUnavailable;
use MfaSidecar\Page\Message;

/**
 * A signed-in user's own authenticators, recovery codes and trusted browsers.
 *
 * # Design
 *
 * One address of the host serves all pages (`show`) and takes all forms (`submit`). The host proves who is there: it
 * has re-checked the password, and where something is enrolled a factor, before it shows a view or takes a form for
 * which `needsConfirmation` says so. The service checks the factor once more, by the `Mfa-Step-Up` of the proof: where
 * it is missing, too old or too weak the step is Outcome::StepUp, which leads through a step-up and back.
 *
 * Nothing here decides what a user may do; what the service refuses is explained.
 */
final class SelfService
{
    /** Longer input is no code of any kind; the service need not see it. */
    private const MAX_CODE_BYTES = 64;
    /** How long the service takes a proof for changes. */
    private const PROOF_SECONDS = 600;
    /** Longer than any set-up lives at the service, which has the last word. */
    private const KEEP_SECONDS = 3600;

    private readonly Client $client;
    private readonly \Closure $log;
    private readonly \Closure $now;

    /**
     * @param Proof|null $proof the last factor that this user has proven to the host
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     * @param (\Closure(): int)|null $now Unix time
     */
    public function __construct(
        Client $client,
        private readonly User $user,
        private readonly PendingEnrollmentStore $store,
        private readonly ?Proof $proof = null,
        ?\Closure $log = null,
        ?\Closure $now = null,
    ) {
        $isOwn = $proof !== null && $proof->userId === $user->id;
        $this->client = $isOwn ? $client->withStepUp($proof->loginId) : $client;
        $this->log = $log ?? error_log(...);
        $this->now = $now ?? time(...);
    }

    /** @param array<mixed> $fields of a form of self-service */
    public static function needsConfirmation(array $fields): bool
    {
        return !in_array(self::text($fields, 'do'), ['rename', 'forget', 'forget-all', 'cancel'], true);
    }

    /** @param array<mixed> $query of the page's address: `view`, and what the view is about */
    public function show(array $query, ?Message $error = null): SelfServiceStep
    {
        return $this->guarded(View::of($query), $query, fn (): SelfServiceStep => $this->page($query, $error));
    }

    /**
     * What a form of the library asks for.
     *
     * @param array<mixed> $fields of the POST; the host has checked its form token
     */
    public function submit(#[\SensitiveParameter] array $fields): SelfServiceStep
    {
        $id = self::text($fields, 'authenticator');
        $method = Method::tryFrom(self::text($fields, 'method'));
        $destination = self::text($fields, 'destination');
        return match (self::text($fields, 'do')) {
            'choose' => $method === null ? $this->show(['view' => View::Add->value]) : $this->choose($method),
            'set-up-known' => $this->begin($method ?? Method::Totp),
            'set-up' => $destination === ''
                ? $this->show($fields + ['view' => View::Add->value], new Message(
                    $method === Method::Sms ? 'error.phone_missing' : 'error.email_missing',
                ))
                : $this->begin($method ?? Method::Email, $destination, self::text($fields, 'country') ?: null),
            'resend' => $this->resend(),
            'confirm' => $this->confirm(self::text($fields, 'code')),
            'cancel' => $this->abandon(),
            'rename' => $this->rename($id, self::text($fields, 'name')),
            'remove' => $this->remove($id),
            'prefer' => $method === null ? $this->show([]) : $this->prefer($method),
            'renew-codes' => $this->renewRecoveryCodes(),
            'disable' => $this->disable(),
            'forget' => $this->forgetDevice(self::text($fields, 'device')),
            'forget-all' => $this->forgetDevices(),
            default => $this->show([]),
        };
    }

    /** Leads to the page of a method; what needs no address begins at once. */
    public function choose(Method $method): SelfServiceStep
    {
        // Chosen again while a code is on its way it means: to another address.
        $this->store->clear();
        return $method->isSent()
            ? SelfServiceStep::done(null, View::Add, ['method' => $method->value])
            : $this->begin($method);
    }

    /**
     * Begins a set-up; for an address or a number it sends a code there.
     *
     * @param string|null $destination null: the one that the host has told
     * @param string|null $country ISO 3166-1 alpha-2, for a number without a calling code
     */
    public function begin(Method $method, ?string $destination = null, ?string $country = null): SelfServiceStep
    {
        $query = ['view' => View::Add->value, 'method' => $method->value];
        return $this->guarded(View::Add, $query, function () use ($method, $destination, $country): SelfServiceStep {
            $this->client->putUser($this->user);
            $this->keep($this->client->beginOwnEnrollment(
                $this->user->id,
                $method,
                null,
                $destination,
                $country,
            ));
            return SelfServiceStep::done(null, View::Add);
        }, fn (Problem $problem): SelfServiceStep => $this->page(
            $query,
            Explanation::ofSending($problem, $method),
            new Choice($method, null, $destination, $country),
        ));
    }

    public function resend(): SelfServiceStep
    {
        return $this->withPending(function (PendingEnrollment $pending): SelfServiceStep {
            $sent = $this->client->resendOwnEnrollment($this->user->id, $pending->enrollment->id);
            $this->keep(Enrollment::of($sent, $pending->enrollment->id));
            return SelfServiceStep::done(null, View::Add);
        }, Explanation::ofSending(...));
    }

    public function confirm(#[\SensitiveParameter] string $code): SelfServiceStep
    {
        return $this->withPending(function (PendingEnrollment $pending) use ($code): SelfServiceStep {
            if ($code === '' || strlen($code) > self::MAX_CODE_BYTES) {
                $key = $code === '' ? 'error.code_missing' : 'error.code_malformed';
                return $this->page(['view' => View::Add->value], new Message($key));
            }
            $result = $this->client->confirmOwnEnrollment($this->user->id, $pending->enrollment->id, $code);
            $this->store->clear();
            $notice = new Message('notice.added');
            return $result->recoveryCodes === []
                ? SelfServiceStep::done($notice)
                : SelfServiceStep::recoveryCodes($notice, $result->recoveryCodes);
        }, Explanation::ofCode(...));
    }

    /** The person gives the set-up up; the service forgets it by itself. */
    public function abandon(): SelfServiceStep
    {
        $this->store->clear();
        return SelfServiceStep::done(null);
    }

    public function rename(string $authenticatorId, string $name): SelfServiceStep
    {
        $query = ['view' => View::Rename->value, 'authenticator' => $authenticatorId];
        return $this->guarded(View::Rename, $query, function () use ($authenticatorId, $name): SelfServiceStep {
            $this->client->renameAuthenticator($this->user->id, $authenticatorId, $name);
            return SelfServiceStep::done(new Message('notice.renamed'));
        }, fn (): SelfServiceStep => $this->page($query, new Message('error.name')));
    }

    public function remove(string $authenticatorId): SelfServiceStep
    {
        $query = ['view' => View::Remove->value, 'authenticator' => $authenticatorId];
        return $this->guarded(View::Remove, $query, function () use ($authenticatorId): SelfServiceStep {
            $this->client->removeAuthenticator($this->user->id, $authenticatorId);
            return SelfServiceStep::done(new Message('notice.removed'));
        });
    }

    public function prefer(Method $method): SelfServiceStep
    {
        return $this->guarded(View::Overview, [], function () use ($method): SelfServiceStep {
            $this->client->setPreferredMethod($this->user->id, $method);
            return SelfServiceStep::done(new Message('notice.preferred'));
        });
    }

    public function renewRecoveryCodes(): SelfServiceStep
    {
        $query = ['view' => View::RecoveryCodes->value];
        return $this->guarded(View::RecoveryCodes, $query, function (): SelfServiceStep {
            $codes = $this->client->replaceRecoveryCodes($this->user->id);
            return SelfServiceStep::recoveryCodes(new Message('notice.renewed'), $codes);
        });
    }

    public function disable(): SelfServiceStep
    {
        return $this->guarded(View::Disable, ['view' => View::Disable->value], function (): SelfServiceStep {
            $this->client->disable($this->user->id);
            $this->store->clear();
            return SelfServiceStep::done(new Message('notice.disabled'));
        });
    }

    public function forgetDevice(string $deviceId): SelfServiceStep
    {
        return $this->guarded(View::Overview, [], function () use ($deviceId): SelfServiceStep {
            $this->client->forgetTrustedDevice($this->user->id, $deviceId);
            return SelfServiceStep::done(new Message('notice.forgotten'));
        });
    }

    public function forgetDevices(): SelfServiceStep
    {
        return $this->guarded(View::Overview, [], function (): SelfServiceStep {
            $this->client->forgetTrustedDevices($this->user->id);
            return SelfServiceStep::done(new Message('notice.forgotten_all'));
        });
    }

    /**
     * @param array<mixed> $query
     * @param Choice $typed what the person has typed into the form that is shown again
     */
    private function page(array $query, ?Message $error, Choice $typed = new Choice()): SelfServiceStep
    {
        $this->client->putUser($this->user);
        $user = $this->client->user($this->user->id);
        $isOff = !$this->client->policy()->selfService;
        $view = View::of($query);
        $authenticator = $user->authenticator(self::text($query, 'authenticator'));
        if ($view->needsConfirmation() && $user->enrolled && !$isOff && $error === null && !$this->isProofFresh()) {
            // The service would ask for it with the form: better before somebody has filled it in.
            return $this->stepUp($view, $query);
        }
        $isThere = match ($view) {
            View::Overview => true,
            View::Add => !$isOff,
            View::Rename, View::Remove => !$isOff && $authenticator !== null,
            View::RecoveryCodes, View::Disable => !$isOff && $user->enrolled,
        };
        return $isThere
            ? SelfServiceStep::page(
                $view,
                $user,
                $isOff,
                $error,
                $view === View::Add ? $this->setUp($user, $query, $typed) : null,
                $authenticator,
            )
            : SelfServiceStep::page(View::Overview, $user, $isOff, $error);
    }

    /** @param array<mixed> $query */
    private function setUp(UserState $user, array $query, Choice $typed): SetUp
    {
        $methods = array_values(array_filter(
            $user->enrollable,
            static fn (Method $method): bool => $method->canBeSetUp(),
        ));
        $asked = Method::tryFrom(self::text($query, 'method'));
        $asked = in_array($asked, $methods, true) ? $asked : null;
        $pending = $this->pending();
        if ($pending !== null && $asked === null) {
            return new SetUp($methods, $pending->enrollment->method, $pending->enrollment);
        }
        // An app is begun by a button, not by an address that somebody else can make a browser open.
        $method = $asked?->isSent() ?? false ? $asked : null;
        return new SetUp(
            $methods,
            $method,
            null,
            $user->knownDestinations[$method?->value] ?? null,
            $method === Method::Sms ? $this->client->smsCountries() : [],
            $typed,
        );
    }

    private function keep(Enrollment $enrollment): void
    {
        $this->store->save(new PendingEnrollment(
            $this->user->id,
            $enrollment,
            ($this->now)() + self::KEEP_SECONDS,
        ));
    }

    private function pending(): ?PendingEnrollment
    {
        $pending = $this->store->load();
        $isOurs = $pending !== null && $pending->userId === $this->user->id && $pending->keptUntil > ($this->now)();
        if ($pending !== null && !$isOurs) {
            $this->store->clear();
        }
        return $isOurs ? $pending : null;
    }

    /**
     * @param \Closure(PendingEnrollment): SelfServiceStep $step
     * @param \Closure(Problem, ?Method): Message $explain
     */
    private function withPending(\Closure $step, \Closure $explain): SelfServiceStep
    {
        $pending = $this->pending();
        if ($pending === null) {
            return $this->show([], new Message('error.setup_over'));
        }
        $query = ['view' => View::Add->value];
        return $this->guarded(
            View::Add,
            $query,
            static fn (): SelfServiceStep => $step($pending),
            function (Problem $problem) use ($pending, $explain, $query): SelfServiceStep {
                $isOver = $problem->attemptsRemaining === 0 || in_array($problem->problem, [
                    ProblemCode::AuthenticatorNotFound,
                    ProblemCode::LoginNotPending,
                    ProblemCode::LoginExpired,
                    ProblemCode::LoginNotFound,
                ], true);
                if ($isOver) {
                    $this->store->clear();
                    return $this->page([], new Message('error.setup_over'));
                }
                return $this->page($query, $explain($problem, $pending->enrollment->method));
            },
        );
    }

    /**
     * @param array<mixed> $query of the view
     * @param \Closure(): SelfServiceStep $step
     * @param (\Closure(Problem): SelfServiceStep)|null $explain what this step knows to say about a problem
     */
    private function guarded(View $view, array $query, \Closure $step, ?\Closure $explain = null): SelfServiceStep
    {
        try {
            try {
                return $step();
            } catch (Problem $problem) {
                return $this->afterProblem($problem, $view, $query, $explain);
            } catch (Misconfigured $error) {
                // The service says by the same answer that self-service was switched off in the meantime.
                if ($this->client->policy()->selfService) {
                    throw $error;
                }
                return $this->page([], new Message('security.off'));
            }
        } catch (SidecarError $error) {
            ($this->log)('mfa-sidecar: ' . $error->getMessage());
            $isOutage = $error instanceof SidecarUnavailable;
            return SelfServiceStep::blocked(new Message(
                $isOutage ? 'security.unavailable' : 'security.misconfigured',
            ));
        }
    }

    /**
     * @param array<mixed> $query
     * @param (\Closure(Problem): SelfServiceStep)|null $explain
     */
    private function afterProblem(Problem $problem, View $view, array $query, ?\Closure $explain): SelfServiceStep
    {
        return match ($problem->problem) {
            ProblemCode::StepUpRequired => $this->stepUp($view, $query),
            ProblemCode::LastAuthenticator => $this->page(
                [],
                new Message($view === View::Disable ? 'error.last_disable' : 'error.last_remove'),
            ),
            ProblemCode::AuthenticatorNotFound => $explain !== null && $view === View::Add
                ? $explain($problem)
                : $this->page([], new Message('error.gone')),
            ProblemCode::Unknown => throw $problem,
            default => $explain === null ? $this->page([], new Message('error.method')) : $explain($problem),
        };
    }

    /** @param array<mixed> $query of the view to come back to */
    private function stepUp(View $view, array $query): SelfServiceStep
    {
        // Fresh, and refused all the same: it was too weak for this.
        $isWeak = $this->isProofFresh() && !$this->proof->isByAuthenticator();
        return SelfServiceStep::stepUp(
            new Message($isWeak ? 'security.step_up_stronger' : 'security.step_up'),
            $view,
            array_filter(
                ['authenticator' => self::text($query, 'authenticator'), 'method' => self::text($query, 'method')],
                static fn (string $value): bool => $value !== '',
            ),
        );
    }

    private function isProofFresh(): bool
    {
        return $this->proof !== null
            && $this->proof->userId === $this->user->id
            && $this->proof->isFresh(self::PROOF_SECONDS, ($this->now)());
    }

    /** @param array<mixed> $fields */
    private static function text(#[\SensitiveParameter] array $fields, string $name): string
    {
        return is_string($fields[$name] ?? null) ? trim($fields[$name]) : '';
    }
}
