<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Flow\Proof;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\LocalUrl;
use MfaSidecar\Page\Message;

/**
 * The browser's session, in PHP's own files.
 *
 * Three levels: visitor, pending login, signed in. The identifier and the secret for form tokens change at each, so
 * that what was planted or read at one level is worth nothing at the next. Only `userId` makes a session.
 */
final class Session
{
    /** Seconds that the recovery codes can be seen again, on the way to being saved. */
    private const RECOVERY_CODES_SECONDS = 600;

    public function start(string $directory, bool $secure): void
    {
        is_dir($directory) || mkdir($directory, 0700, true);
        session_name('demo_session');
        session_start([
            'save_path' => $directory,
            'use_strict_mode' => true,
            'cookie_httponly' => true,
            'cookie_samesite' => 'Lax',
            'cookie_secure' => $secure,
            'cache_limiter' => '',
        ]);
        $_SESSION['csrf'] ??= Csrf::newSecret();
    }

    public function csrf(): Csrf
    {
        return new Csrf($_SESSION['csrf']);
    }

    public function renewCsrf(): void
    {
        $_SESSION['csrf'] = Csrf::newSecret();
    }

    public function userId(): ?string
    {
        return $_SESSION['user_id'] ?? null;
    }

    /**
     * @param string $by how the person got in: names a sentence of the home page
     * @param Proof|null $proof the factor that was proven
     */
    public function signIn(Account $account, string $by, ?Proof $proof): void
    {
        session_regenerate_id(true);
        $_SESSION = [
            'csrf' => Csrf::newSecret(),
            'user_id' => $account->id,
            'credential' => $account->credentialVersion(),
            'by' => $by,
            'proof' => $proof?->toArray(),
        ];
    }

    /** A session that was opened with an older password is none any more. */
    public function isOf(Account $account): bool
    {
        return $this->userId() === $account->id
            && hash_equals($_SESSION['credential'] ?? '', $account->credentialVersion());
    }

    /** The person has changed the password here: this session goes on, every other one is over. */
    public function renewCredential(Account $account): void
    {
        session_regenerate_id(true);
        $_SESSION['csrf'] = Csrf::newSecret();
        $_SESSION['credential'] = $account->credentialVersion();
    }

    /** The password was checked again, and a factor where the user has one. */
    public function confirm(?Proof $proof): void
    {
        $_SESSION['confirmed_at'] = time();
        $_SESSION['proof'] = $proof?->toArray() ?? $_SESSION['proof'];
    }

    public function isConfirmed(int $maxAgeSeconds): bool
    {
        $age = time() - ($_SESSION['confirmed_at'] ?? 0);
        return $age >= 0 && $age <= $maxAgeSeconds;
    }

    /** @return Proof|null the last factor that was proven, at sign-in or since */
    public function proof(): ?Proof
    {
        return isset($_SESSION['proof']) ? Proof::fromArray($_SESSION['proof']) : null;
    }

    public function keepGrace(\DateTimeImmutable $endsAt, string $returnTo): void
    {
        $_SESSION['grace_ends_at'] = $endsAt->format(\DATE_RFC3339);
        $_SESSION['return'] = $returnTo;
    }

    public function graceEndsAt(): ?\DateTimeImmutable
    {
        return isset($_SESSION['grace_ends_at']) ? new \DateTimeImmutable($_SESSION['grace_ends_at']) : null;
    }

    /** For the next page only: a one-time pass is shown once. */
    public function keepPass(string $userId, #[\SensitiveParameter] string $code, \DateTimeImmutable $expiresAt): void
    {
        $_SESSION['pass'] = [$userId, $code, $expiresAt->format(\DATE_RFC3339)];
    }

    /** @return array{string, string, \DateTimeImmutable}|null user, pass, end */
    public function takePass(): ?array
    {
        $pass = $_SESSION['pass'] ?? null;
        unset($_SESSION['pass']);
        return $pass === null ? null : [$pass[0], $pass[1], new \DateTimeImmutable($pass[2])];
    }

    public function signedInBy(): string
    {
        return $_SESSION['by'];
    }

    public function signOut(): void
    {
        session_regenerate_id(true);
        $_SESSION = ['csrf' => Csrf::newSecret()];
    }

    public function rememberReturn(string $url): void
    {
        $_SESSION['return'] = LocalUrl::accept($url);
    }

    public function returnUrl(): string
    {
        return $_SESSION['return'] ?? '/';
    }

    public function takeReturn(): string
    {
        $url = $this->returnUrl();
        unset($_SESSION['return']);
        return $url;
    }

    /**
     * @param list<string> $codes
     * @param bool $isSignIn they are the last step of a set-up that a login forced
     */
    public function keepRecoveryCodes(
        #[\SensitiveParameter] array $codes,
        string $returnTo,
        bool $isSignIn = false,
    ): void {
        $_SESSION['recovery_codes'] = $codes;
        $_SESSION['recovery_codes_of_sign_in'] = $isSignIn;
        $_SESSION['recovery_codes_until'] = time() + self::RECOVERY_CODES_SECONDS;
        $_SESSION['return'] = $returnTo;
    }

    /** @return list<string> empty once they were acknowledged or the time is over */
    public function recoveryCodes(): array
    {
        if (($_SESSION['recovery_codes_until'] ?? 0) <= time()) {
            $this->forgetRecoveryCodes();
        }
        return $_SESSION['recovery_codes'] ?? [];
    }

    public function areRecoveryCodesOfSignIn(): bool
    {
        return $_SESSION['recovery_codes_of_sign_in'] ?? false;
    }

    public function forgetRecoveryCodes(): void
    {
        unset(
            $_SESSION['recovery_codes'],
            $_SESSION['recovery_codes_of_sign_in'],
            $_SESSION['recovery_codes_until'],
        );
    }

    /** Something for the next page to say, once. */
    public function say(Message $message, bool $isError = false): void
    {
        $_SESSION[$isError ? 'error' : 'notice'] = [$message->key, $message->values];
    }

    public function takeNotice(): ?Message
    {
        return $this->take('notice');
    }

    public function takeError(): ?Message
    {
        return $this->take('error');
    }

    private function take(string $name): ?Message
    {
        $said = $_SESSION[$name] ?? null;
        unset($_SESSION[$name]);
        return $said === null ? null : new Message(...$said);
    }
}
