<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Authenticator;
use MfaSidecar\Api\UserState;
use MfaSidecar\Page\Message;

/** What self-service has come to: a page to show, or where to go. */
final class SelfServiceStep
{
    /**
     * @param array<string, string> $query of the view: which authenticator, which method
     * @param UserState|null $user at Outcome::Page
     * @param bool $isOff the policy leaves changes to the administrator
     * @param Authenticator|null $authenticator the one that is renamed or removed
     * @param Message|null $notice what was done
     * @param list<string> $recoveryCodes at Outcome::RecoveryCodes
     */
    private function __construct(
        public readonly Outcome $outcome,
        public readonly View $view = View::Overview,
        public readonly array $query = [],
        public readonly ?UserState $user = null,
        public readonly bool $isOff = false,
        public readonly ?SetUp $setUp = null,
        public readonly ?Authenticator $authenticator = null,
        public readonly ?Message $error = null,
        public readonly ?Message $notice = null,
        #[\SensitiveParameter]
        public readonly array $recoveryCodes = [],
    ) {
    }

    public static function page(
        View $view,
        UserState $user,
        bool $isOff,
        ?Message $error,
        ?SetUp $setUp = null,
        ?Authenticator $authenticator = null,
    ): self {
        return new self(Outcome::Page, $view, [], $user, $isOff, $setUp, $authenticator, $error);
    }

    /** @param array<string, string> $query */
    public static function done(?Message $notice, View $view = View::Overview, array $query = []): self
    {
        return new self(Outcome::Done, $view, $query, notice: $notice);
    }

    /** @param list<string> $codes */
    public static function recoveryCodes(Message $notice, #[\SensitiveParameter] array $codes): self
    {
        return new self(Outcome::RecoveryCodes, notice: $notice, recoveryCodes: $codes);
    }

    /** @param array<string, string> $query of the page to come back to */
    public static function stepUp(Message $why, View $view, array $query = []): self
    {
        return new self(Outcome::StepUp, $view, $query, error: $why);
    }

    public static function blocked(Message $error): self
    {
        return new self(Outcome::Blocked, error: $error);
    }

    /** @return string the address of the view, at the host's address of self-service */
    public function url(string $base): string
    {
        return self::address($base, $this->view, $this->query);
    }

    /** @param array<string, string> $query */
    public static function address(string $base, View $view, array $query = []): string
    {
        $query = ($view === View::Overview ? [] : ['view' => $view->value]) + $query;
        if ($query === []) {
            return $base;
        }
        return $base . (str_contains($base, '?') ? '&' : '?') . http_build_query($query, '', '&', PHP_QUERY_RFC3986);
    }

    public function title(): Message
    {
        return match ($this->view) {
            View::Overview => new Message('security.title'),
            View::Add => $this->setUp?->title() ?? new Message('setup.title_choice'),
            View::Rename => new Message('rename.title'),
            View::Remove => new Message('forget.title'),
            View::RecoveryCodes => new Message('renew.title'),
            View::Disable => new Message('disable.title'),
        };
    }

    public function httpStatus(): int
    {
        return match ($this->outcome) {
            Outcome::Blocked => 503,
            default => match ($this->error?->key) {
                null => 200,
                'error.throttled', 'error.send_throttled' => 429,
                default => 422,
            },
        };
    }

    public function __debugInfo(): array
    {
        return ['outcome' => $this->outcome, 'view' => $this->view, 'error' => $this->error];
    }
}
