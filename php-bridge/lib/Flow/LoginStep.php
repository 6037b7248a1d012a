<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Delivery;
use MfaSidecar\Api\DeliveryState;
use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Login;
use MfaSidecar\Api\LoginMethod;
use MfaSidecar\Api\Method;
use MfaSidecar\Page\Message;

/** What the host does next. Only `Stage::Passed` opens a session. */
final class LoginStep
{
    /** From this number down the person is told that the recovery codes are running out. */
    private const FEW_RECOVERY_CODES = 3;

    /**
     * @param string|null $passedUserId the host's id of the user to sign in; null unless the login passed
     * @param Enrollment|null $enrollment what is being set up, once it is known what
     * @param SetUp|null $setUp where the set-up stands, at Stage::Enroll
     * @param LoginMethod|null $asked the method that the code page asks for, at Stage::Challenge
     * @param Proof|null $proof at Stage::Passed, when a factor was proven
     */
    private function __construct(
        public readonly Stage $stage,
        public readonly ?string $passedUserId = null,
        public readonly ?Login $login = null,
        public readonly ?Enrollment $enrollment = null,
        public readonly ?Message $error = null,
        public readonly ?SetUp $setUp = null,
        public readonly ?LoginMethod $asked = null,
        public readonly ?Proof $proof = null,
    ) {
    }

    public static function passed(Login $login, PendingLogin $pending, int $now): self
    {
        $proof = $login->amr === []
            ? null
            : new Proof($login->id, $pending->userId, $pending->purpose, $login->method, $now);
        return new self(Stage::Passed, $pending->userId, $login, proof: $proof);
    }

    public static function enroll(Login $login, SetUp $setUp): self
    {
        return new self(Stage::Enroll, null, $login, $setUp->enrollment, setUp: $setUp);
    }

    public static function challenge(Login $login, LoginMethod $asked): self
    {
        return new self(Stage::Challenge, null, $login, asked: $asked);
    }

    public static function over(Message $error): self
    {
        return new self(Stage::Over, error: $error);
    }

    public static function blocked(Message $error): self
    {
        return new self(Stage::Blocked, error: $error);
    }

    /** The same page with what went wrong; a login that ended keeps the reason for its end. */
    public function withError(Message $error): self
    {
        return match ($this->stage) {
            Stage::Enroll, Stage::Challenge => new self(
                $this->stage,
                null,
                $this->login,
                $this->enrollment,
                $error,
                $this->setUp,
                $this->asked,
            ),
            Stage::Passed, Stage::Over, Stage::Blocked => $this,
        };
    }

    /** A factor was proven just now. A step-up counts only with it: policy and trusted device prove nothing. */
    public function isProvenByFactor(): bool
    {
        return $this->stage === Stage::Passed && $this->login->amr !== [];
    }

    /** The code that is on its way for the method that is asked for. */
    public function sentCode(): ?Delivery
    {
        $sent = $this->login?->sentCode;
        $isForAsked = $sent !== null && $this->asked !== null
            && $sent->method === $this->asked->method
            && ($sent->authenticatorId ?? $this->asked->authenticatorId) === $this->asked->authenticatorId;
        return $isForAsked && $sent->state !== DeliveryState::Failed ? $sent : null;
    }

    /** @return list<LoginMethod> the other ways to answer; recovery codes have a page of their own */
    public function otherMethods(): array
    {
        return array_values(array_filter(
            $this->login?->methods ?? [],
            fn (LoginMethod $method): bool => $method->method !== Method::RecoveryCode
                && $method->method !== Method::Webauthn
                && !($this->asked?->is($method) ?? false),
        ));
    }

    /** Until when the person could go on without an authenticator; null when the login passed for another reason. */
    public function graceEndsAt(): ?\DateTimeImmutable
    {
        $isGrace = $this->stage === Stage::Passed && $this->login->reason === 'grace_period';
        return $isGrace ? $this->login->graceEndsAt : null;
    }

    /** Something that the person should read right after signing in, such as that recovery codes are running out. */
    public function notice(): ?Message
    {
        $left = $this->stage === Stage::Passed ? $this->login->recoveryCodesRemaining : null;
        return match (true) {
            $left === null || $left > self::FEW_RECOVERY_CODES => null,
            $left === 0 => new Message('notice.no_recovery_codes'),
            default => new Message('notice.few_recovery_codes', ['count' => $left]),
        };
    }

    /** For the page at Stage::Enroll and Stage::Challenge. */
    public function title(): Message
    {
        return $this->setUp?->title() ?? new Message(match ($this->asked?->method) {
            Method::RecoveryCode => 'recovery.title',
            Method::OneTimePass => 'pass.title',
            default => 'code.title',
        });
    }

    /** The status for the page: an error page must not look like a success to caches and monitors. */
    public function httpStatus(): int
    {
        return match ($this->stage) {
            Stage::Passed => 200,
            Stage::Enroll, Stage::Challenge => match ($this->error?->key) {
                null => 200,
                'error.throttled', 'error.send_throttled' => 429,
                default => 422,
            },
            Stage::Over => 403,
            Stage::Blocked => 503,
        };
    }

    public function __debugInfo(): array
    {
        return ['stage' => $this->stage, 'error' => $this->error];
    }
}
