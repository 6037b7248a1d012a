<?php

declare(strict_types=1);

namespace Demo;

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

    /** @param string $by how the person got in: names a sentence of the home page */
    public function signIn(string $userId, string $by): void
    {
        session_regenerate_id(true);
        $_SESSION = ['csrf' => Csrf::newSecret(), 'user_id' => $userId, 'by' => $by];
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

    public function takeReturn(): string
    {
        $url = $_SESSION['return'] ?? '/';
        unset($_SESSION['return']);
        return $url;
    }

    /** @param list<string> $codes */
    public function keepRecoveryCodes(#[\SensitiveParameter] array $codes, string $returnTo): void
    {
        $_SESSION['recovery_codes'] = $codes;
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

    public function forgetRecoveryCodes(): void
    {
        unset($_SESSION['recovery_codes'], $_SESSION['recovery_codes_until']);
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
