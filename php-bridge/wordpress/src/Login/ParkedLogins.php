<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Flow\PendingLogin;
use MfaSidecar\Flow\PendingLoginStore;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\SealedStore;

/**
 * The login between password and second factor. It is no session: only the pages of the second step read it, by a
 * cookie that no other page is sent.
 */
final class ParkedLogins implements PendingLoginStore
{
    /** Longer than any pending login lives at the service, which has the last word. */
    private const KEEP_SECONDS = 1800;

    private ?string $token = null;
    private ?LoginContext $context = null;

    public function __construct(private readonly SealedStore $store)
    {
    }

    /** What the login that begins next was asked for. */
    public function expect(LoginContext $context): void
    {
        $this->context = $context;
    }

    public function context(): ?LoginContext
    {
        $record = $this->record();
        return $record === null ? null : LoginContext::fromArray($record['context']);
    }

    /** Its secret is the pending login's own: every logged-out visitor has the same WordPress nonce. */
    public function csrf(): ?Csrf
    {
        return $this->record() === null ? null : new Csrf($this->token());
    }

    public function load(): ?PendingLogin
    {
        $record = $this->record();
        return $record === null ? null : PendingLogin::fromArray($record['login']);
    }

    public function save(PendingLogin $pending): void
    {
        $record = $this->record();
        $context = $this->context?->toArray() ?? $record['context'] ?? null;
        if ($context === null) {
            throw new \LogicException('a login is parked with what it was asked for');
        }
        if ($record === null || $record['login']['loginId'] !== $pending->loginId) {
            // A cookie planted before the password is worth nothing after it.
            $this->token = bin2hex(random_bytes(32));
            $this->sendCookie($this->token);
        }
        $value = ['login' => $pending->toArray(), 'context' => $context];
        $this->store->put($this->token(), $value, self::KEEP_SECONDS);
    }

    public function clear(): void
    {
        if ($this->token() !== '') {
            $this->store->delete($this->token());
            $this->token = '';
            $this->sendCookie('');
        }
    }

    /** What went wrong on the way to the page of the pending login, such as a code that could not be sent. */
    public function say(?Message $error): void
    {
        $record = $this->record();
        if ($error !== null && $record !== null) {
            $said = ['said' => [$error->key, $error->values]];
            $this->store->put($this->token(), $said + $record, self::KEEP_SECONDS);
        }
    }

    /** Once: the page that follows reads it. */
    public function takeSaid(): ?Message
    {
        $record = $this->record();
        if (!is_array($record['said'] ?? null)) {
            return null;
        }
        $this->store->put($this->token(), ['said' => null] + $record, self::KEEP_SECONDS);
        return new Message(...$record['said']);
    }

    /** @return array{login: array<string, mixed>, context: array<string, mixed>, said?: mixed}|null */
    private function record(): ?array
    {
        return $this->token() === '' ? null : $this->store->get($this->token());
    }

    private function token(): string
    {
        $sent = $_COOKIE[self::cookie()] ?? null;
        return $this->token ??= is_string($sent) && preg_match('/\A[0-9a-f]{64}\z/', $sent) === 1 ? $sent : '';
    }

    private function sendCookie(#[\SensitiveParameter] string $token): void
    {
        setcookie(self::cookie(), $token, [
            // Without a token: in the past, which deletes it. Else it goes with the browser's session.
            'expires' => $token === '' ? 1 : 0,
            'path' => (string) parse_url(LoginPage::url(), PHP_URL_PATH),
            'domain' => (string) COOKIE_DOMAIN,
            'secure' => is_ssl(),
            'httponly' => true,
            'samesite' => 'Lax',
        ]);
    }

    private static function cookie(): string
    {
        return 'mfa_sidecar_login_' . COOKIEHASH;
    }
}
