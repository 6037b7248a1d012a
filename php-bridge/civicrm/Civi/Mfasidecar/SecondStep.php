<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Standalone\Event\LoginEvent;
use Civi\Standalone\MFA\Base;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Message;

/**
 * From the right password to CiviCRM's session.
 *
 * # Design
 *
 * Core owns both ends: it has checked the password before `begin`, and it opens the session after `attempt` said true.
 * It knows true and false only, so what there is to say beside that waits here until the API answers (`takeAnswer`),
 * and what the session has to know waits until core has really signed the person in (`signedIn`).
 *
 * The form post of a browser without JavaScript takes core's own API call as well: there is one way in.
 *
 * Everything unknown is a denial: an exception in here reaches the client as a refused login.
 */
final class SecondStep
{
    public const PAGE = 'civicrm/mfa/sidecar';

    /** In core's pending login: which password it was that opened it. */
    private const CREDENTIAL = 'mfasidecarCredential';

    /** @var array<string, string>|null what the API answers in place of core's no */
    private ?array $answer = null;
    /** The page that comes before the one the person wanted. */
    private ?string $detour = null;
    private ?LoginStep $passed = null;
    private ?LoginStep $last = null;

    public static function singleton(): self
    {
        return \Civi::$statics[self::class]['it'] ??= new self();
    }

    /** Several calls can come in one request: none of them hears of the one before. */
    public function reset(): void
    {
        $this->answer = null;
        $this->detour = null;
        $this->passed = null;
        $this->last = null;
    }

    /** @return string where the client goes after the right password */
    public function begin(int $userId): string
    {
        BrowserSession::renew();
        $user = Accounts::forService($userId);
        $step = $this->withFlow($userId, static fn (LoginFlow $flow): LoginStep => $flow->begin(
            $user,
            new Visitor(\CRM_Utils_System::ipAddress(), $_SERVER['HTTP_USER_AGENT'] ?? null),
            trustedDevice: TrustedBrowser::token(),
        ));
        switch ($step->stage) {
            case Stage::Passed:
                return $this->isOf($step, $userId) ? $this->signIn($step, $userId) : $this->deny($userId);
            case Stage::Enroll:
            case Stage::Challenge:
                (new Base($userId))->updatePendingLogin([self::CREDENTIAL => $user->credentialVersion]);
                return Urls::to(self::PAGE);
            case Stage::Over:
            case Stage::Blocked:
                return $this->deny($userId, $step->error);
        }
    }

    /**
     * @param mixed $data the fields of one of the library's forms, or a code alone
     * @return bool core may sign the user in
     */
    public function attempt(int $userId, #[\SensitiveParameter] mixed $data): bool
    {
        if (!$this->isAccountUnchanged($userId)) {
            $this->answer = $this->over($userId, new Message('error.login_expired'));
            return false;
        }
        $fields = is_array($data) ? $data : ['do' => 'answer', 'code' => is_string($data) ? $data : ''];
        $step = $this->withFlow($userId, static fn (LoginFlow $flow): LoginStep => $flow->submit($fields));
        $this->last = $step;
        if ($step->stage === Stage::Passed && $this->isOf($step, $userId)) {
            $this->passed = $step;
            return true;
        }
        $this->answer = match ($step->stage) {
            Stage::Enroll, Stage::Challenge => $step->error === null
                ? ['url' => Urls::to(self::PAGE)]
                : ['publicError' => Sentences::of($step->error)],
            Stage::Blocked => ['publicError' => Sentences::of($step->error)],
            Stage::Over, Stage::Passed => $this->over($userId, $step->error ?? new Message('error.login_expired')),
        };
        return false;
    }

    /** The page of the pending login, for a GET. Null: there is none in this browser. */
    public function current(): ?LoginStep
    {
        $store = PendingLoginInSession::ofBrowser();
        if ($store?->load() === null) {
            return null;
        }
        $userId = (int) $store->load()->userId;
        $step = $this->isAccountUnchanged($userId)
            ? $this->withFlow($userId, static fn (LoginFlow $flow): LoginStep => $flow->current())
            : LoginStep::over(new Message('error.login_expired'));
        if ($step->stage === Stage::Over) {
            $this->over($userId, $step->error);
        }
        return $step;
    }

    public function cancel(): void
    {
        $store = PendingLoginInSession::ofBrowser();
        if ($store?->load() !== null) {
            $userId = (int) $store->load()->userId;
            try {
                self::flow($userId)->cancel();
            } catch (Misconfigured $error) {
                Sentences::log('mfa-sidecar: ' . $error->getMessage());
            }
            (new Base($userId))->clearPendingLogin();
        }
    }

    /** How the attempt of this very request ended, for the page that shows it. */
    public function last(): ?LoginStep
    {
        return $this->last;
    }

    /**
     * Core has signed the person in, and the session has its new identifier: what was proven goes there now, and not
     * before, else it would also be in the session that somebody may have planted.
     */
    public function signedIn(int $userId): void
    {
        $step = $this->passed;
        if ($step === null || $step->passedUserId !== (string) $userId) {
            return;
        }
        $this->passed = null;
        BrowserSession::set('csrf', null);
        BrowserSession::keepProof($step->proof);
        if ($step->login->trustedDevice !== null) {
            TrustedBrowser::remember($step->login->trustedDevice);
        }
        if ($step->notice() !== null) {
            Sentences::say($step->notice(), 'warning');
        }
        if ($step->login->recoveryCodes !== []) {
            BrowserSession::keepRecoveryCodes($userId, $step->login->recoveryCodes);
            $this->detour = Urls::to(self::PAGE . '/recovery-codes');
        } elseif ($step->graceEndsAt() !== null) {
            // The password was typed a moment ago: setting up needs no second asking.
            BrowserSession::confirm($userId);
            BrowserSession::set('grace', ['user' => $userId, 'ends' => $step->graceEndsAt()->format(\DATE_RFC3339)]);
            $this->detour = Urls::to(self::PAGE . '/soon');
        }
    }

    /**
     * What the API answers now that the call is through.
     *
     * @param array<string, mixed> $answer core's own
     * @return array<string, mixed>
     */
    public function takeAnswer(array $answer): array
    {
        if ($this->answer !== null) {
            unset($answer['url'], $answer['publicError']);
            $answer = $this->answer + $answer;
        } elseif ($this->detour !== null && isset($answer['url'])) {
            BrowserSession::set('return', $answer['url']);
            $answer['url'] = $this->detour;
        }
        $this->answer = null;
        $this->detour = null;
        return $answer;
    }

    /** As core does once a method said yes: the service has said that none is to be asked. */
    private function signIn(LoginStep $step, int $userId): string
    {
        $return = Urls::accept(Base::getPendingLogin()['successUrl'] ?? null);
        (new Base($userId))->clearPendingLogin();
        $this->passed = $step;
        // A listener stops the login by an exception, here as after a code.
        \Civi::dispatcher()->dispatch('civi.standalone.login', new LoginEvent('post_mfa', $userId, null));
        _authx_uf()->loginSession($userId);
        \Civi::dispatcher()->dispatch('civi.standalone.login', new LoginEvent('login_success', $userId));
        return $return;
    }

    private function deny(int $userId, ?Message $why = null): string
    {
        (new Base($userId))->clearPendingLogin();
        // On the page of the password, which shows it where it is.
        $this->answer = ['publicError' => Sentences::of($why ?? new Message('error.unavailable'))];
        return Urls::LOGIN;
    }

    /** @return array<string, string> for a client that goes where it is sent, and for one that reads */
    private function over(int $userId, Message $why): array
    {
        (new Base($userId))->clearPendingLogin();
        Sentences::say($why, 'error');
        return ['url' => Urls::LOGIN, 'publicError' => Sentences::of($why)];
    }

    /** Core does not look again: an account that was disabled, or has a new password, since then is not signed in. */
    private function isAccountUnchanged(int $userId): bool
    {
        $then = Base::getPendingLogin()[self::CREDENTIAL] ?? null;
        $now = Accounts::credentialVersion($userId);
        return is_string($then) && $now !== null && hash_equals($then, $now);
    }

    /** Core signs in the user of its own record: the service has to have passed the same one. */
    private function isOf(LoginStep $step, int $userId): bool
    {
        return $step->passedUserId === (string) $userId;
    }

    /** @param \Closure(LoginFlow): LoginStep $step */
    private function withFlow(int $userId, \Closure $step): LoginStep
    {
        try {
            return $step(self::flow($userId));
        } catch (Misconfigured $error) {
            Sentences::log('mfa-sidecar: ' . $error->getMessage());
            return LoginStep::blocked(new Message('error.misconfigured'));
        }
    }

    /** @throws Misconfigured */
    private static function flow(int $userId): LoginFlow
    {
        return new LoginFlow(Connection::bridge(), new PendingLoginInSession($userId), Sentences::log(...));
    }
}
