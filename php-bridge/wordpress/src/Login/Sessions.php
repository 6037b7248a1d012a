<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

/**
 * WordPress' sessions: which of them the second factor stands behind, and which this request came with.
 *
 * A session opens only by a ticket, which a login that passed is given for one user and one cookie.
 */
final class Sessions
{
    /** @var array{userId: int, mark: SessionMark}|null */
    private ?array $ticket = null;
    /** @var array<int, SessionMark> by user, of the logins that have passed in this request */
    private array $passed = [];
    /** @var array<int, string> tokens by user, of the cookies that came with this request and are valid */
    private array $signedIn = [];

    /** @param array<mixed> $cookies of the request, before anybody could add to them */
    public function __construct(#[\SensitiveParameter] private readonly array $cookies)
    {
    }

    /**
     * Action auth_cookie_valid.
     *
     * @param mixed $elements of the cookie, with its token
     */
    public function remember(#[\SensitiveParameter] mixed $elements, mixed $user): void
    {
        $token = is_array($elements) && is_string($elements['token'] ?? null) ? $elements['token'] : '';
        if ($token === '' || !$user instanceof \WP_User) {
            return;
        }
        foreach ($this->cookies as $value) {
            // Plugins write into $_COOKIE what they are about to send; that is no proof of an earlier login.
            if (is_string($value) && str_contains($value, "|$token|")) {
                $this->signedIn[$user->ID] = $token;
            }
        }
    }

    /** Whether the request came with a valid session of this user; wp_set_current_user() alone makes none. */
    public function isSignedIn(int $userId): bool
    {
        return isset($this->signedIn[$userId]);
    }

    /**
     * Whether a factor stands behind that session. One from before the plugin was set up, from a period of grace or
     * from an exemption is good until it ends, but no other session comes of it without the service.
     */
    public function isProven(int $userId): bool
    {
        return $this->markOf($userId, $this->signedIn[$userId] ?? '')?->proof !== null;
    }

    /** The next cookie for this user is the login's own. */
    public function admit(int $userId, SessionMark $mark): void
    {
        $this->ticket = ['userId' => $userId, 'mark' => $mark];
    }

    /**
     * A ticket is good for one attempt. When it has let a cookie out, more for the same user may follow in this
     * request: plugins renew it at a login, for another lifetime.
     *
     * @return bool whether a cookie for this user may go out
     */
    public function takeTicket(int $userId): bool
    {
        if ($this->ticket !== null && $this->ticket['userId'] === $userId) {
            $this->passed[$userId] = $this->ticket['mark'];
        }
        $this->ticket = null;
        return isset($this->passed[$userId]) || $this->isProven($userId);
    }

    /**
     * Filter attach_session_information: a session that WordPress makes anew, such as after a change of one's own
     * password, inherits the mark of the one that it replaces.
     *
     * @param mixed $information
     * @return array<string, mixed>
     */
    public function attach(mixed $information, int $userId): array
    {
        $information = is_array($information) ? $information : [];
        unset($information[SessionMark::KEY]);
        $mark = $this->ticket !== null && $this->ticket['userId'] === $userId
            ? $this->ticket['mark']
            : $this->passed[$userId] ?? $this->markOf($userId, $this->signedIn[$userId] ?? '');
        return $mark === null ? $information : [SessionMark::KEY => $mark->toArray()] + $information;
    }

    /** The mark of the session that this request belongs to. */
    public function mark(): ?SessionMark
    {
        return $this->markOf(get_current_user_id(), wp_get_session_token());
    }

    public function update(SessionMark $mark): void
    {
        $manager = \WP_Session_Tokens::get_instance(get_current_user_id());
        $token = wp_get_session_token();
        $session = $token === '' ? null : $manager->get($token);
        if (is_array($session)) {
            $manager->update($token, [SessionMark::KEY => $mark->toArray()] + $session);
        }
    }

    private function markOf(int $userId, #[\SensitiveParameter] string $token): ?SessionMark
    {
        $session = $token === '' ? null : \WP_Session_Tokens::get_instance($userId)->get($token);
        return is_array($session) ? SessionMark::fromArray($session[SessionMark::KEY] ?? null) : null;
    }
}
