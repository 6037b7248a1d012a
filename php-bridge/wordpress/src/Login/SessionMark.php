<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Api\Login;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Proof;
use MfaSidecar\Page\Message;

/** When and how the second factor of a session passed, kept in WordPress' own session. */
final class SessionMark
{
    /** Under this name in the session's information. */
    public const KEY = 'mfa_sidecar';

    /**
     * @param string $how the method, or the reason why none was asked for
     * @param int $at Unix time
     * @param int $confirmedAt when the person last proved who they are; Unix time, 0: never since the login
     * @param bool $hasWelcome recovery codes are waiting to be acknowledged
     * @param Message|null $notice to be read on the next administration page
     */
    public function __construct(
        public readonly string $how,
        public readonly int $at,
        public readonly ?Proof $proof = null,
        public readonly int $confirmedAt = 0,
        public readonly bool $hasWelcome = false,
        public readonly ?Message $notice = null,
    ) {
    }

    public static function of(LoginStep $step, int $now): self
    {
        return new self(self::how($step->login), $now, $step->proof, notice: $step->notice());
    }

    /** The person has just typed the password and, where there is one, proven a factor. */
    public function confirmed(?Proof $proof, int $now): self
    {
        return new self($this->how, $this->at, $proof ?? $this->proof, $now, $this->hasWelcome, $this->notice);
    }

    public function withWelcome(bool $hasWelcome): self
    {
        return new self($this->how, $this->at, $this->proof, $this->confirmedAt, $hasWelcome, $this->notice);
    }

    public function withNotice(?Message $notice): self
    {
        return new self($this->how, $this->at, $this->proof, $this->confirmedAt, $this->hasWelcome, $notice);
    }

    /** @return array<string, mixed> */
    public function toArray(): array
    {
        return [
            'how' => $this->how,
            'at' => $this->at,
            'proof' => $this->proof?->toArray(),
            'confirmedAt' => $this->confirmedAt,
            'hasWelcome' => $this->hasWelcome,
            'notice' => $this->notice === null ? null : [$this->notice->key, $this->notice->values],
        ];
    }

    /** @param mixed $fields of toArray(), or whatever else is in the session's information */
    public static function fromArray(#[\SensitiveParameter] mixed $fields): ?self
    {
        if (!is_array($fields) || !isset($fields['how'], $fields['at'])) {
            return null;
        }
        return new self(
            $fields['how'],
            $fields['at'],
            is_array($fields['proof'] ?? null) ? Proof::fromArray($fields['proof']) : null,
            $fields['confirmedAt'] ?? 0,
            $fields['hasWelcome'] ?? false,
            is_array($fields['notice'] ?? null) ? new Message(...$fields['notice']) : null,
        );
    }

    private static function how(Login $login): string
    {
        return $login->method?->value ?? $login->reason ?? 'password';
    }
}
