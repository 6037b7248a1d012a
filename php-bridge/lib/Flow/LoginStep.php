<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Login;
use MfaSidecar\Page\Message;

/** What the host does next. Only `Stage::Passed` opens a session. */
final class LoginStep
{
    /** @param string|null $passedUserId the host's id of the user to sign in; null unless the login passed */
    private function __construct(
        public readonly Stage $stage,
        public readonly ?string $passedUserId = null,
        public readonly ?Login $login = null,
        public readonly ?Enrollment $enrollment = null,
        public readonly ?Message $error = null,
    ) {
    }

    public static function passed(Login $login, PendingLogin $pending): self
    {
        return new self(Stage::Passed, $pending->userId, $login);
    }

    public static function enroll(Login $login, Enrollment $enrollment): self
    {
        return new self(Stage::Enroll, null, $login, $enrollment);
    }

    public static function challenge(Login $login): self
    {
        return new self(Stage::Challenge, null, $login);
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
            Stage::Enroll, Stage::Challenge => new self($this->stage, null, $this->login, $this->enrollment, $error),
            Stage::Passed, Stage::Over, Stage::Blocked => $this,
        };
    }

    /** A factor was proven just now. A step-up counts only with it: policy and trusted device prove nothing. */
    public function isProvenByFactor(): bool
    {
        return $this->stage === Stage::Passed && $this->login->amr !== [];
    }

    /** The status for the page: an error page must not look like a success to caches and monitors. */
    public function httpStatus(): int
    {
        return match ($this->stage) {
            Stage::Passed => 200,
            Stage::Enroll, Stage::Challenge => match ($this->error?->key) {
                null => 200,
                'error.throttled' => 429,
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
