<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\StepUpInSession;
use Civi\Mfasidecar\Urls;
use Civi\Standalone\Event\LoginEvent;
use Civi\Standalone\Security;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Message;

/** Asks who is there before something sensitive: the password, and a second step where one is set up. */
final class CRM_Mfasidecar_Page_Confirm extends CRM_Mfasidecar_Page_Base
{
    public const PAGE = 'civicrm/my-account/mfa/confirm';

    public function run(): void
    {
        $userId = self::requireUser();
        $store = new StepUpInSession($userId);
        try {
            $flow = new LoginFlow(Connection::bridge(), $store, Sentences::log(...));
        } catch (Misconfigured $error) {
            Sentences::log('mfa-sidecar: ' . $error->getMessage());
            $this->blocked(new Message('security.misconfigured'));
            return;
        }
        if (!self::isPost()) {
            $store->load() === null ? $this->password(null) : $this->follow($flow->current(), $userId);
            return;
        }
        if (!self::isOurForm()) {
            CRM_Utils_System::redirect(Urls::to(self::PAGE));
            return;
        }
        match (self::field('do')) {
            'cancel' => $this->cancel($flow),
            'password' => $this->check($flow, $userId),
            default => $this->follow($flow->submit($_POST), $userId),
        };
    }

    private function check(LoginFlow $flow, int $userId): void
    {
        $name = (string) (Accounts::find($userId)['username'] ?? '');
        // Extensions that slow down guessing at the login form count these as well.
        $before = new LoginEvent('pre_credentials_check', $userId);
        Civi::dispatcher()->dispatch('civi.standalone.login', $before);
        $password = is_string($_POST['password'] ?? null) ? $_POST['password'] : '';
        $isRight = $before->stopReason === null && $password !== ''
            && Security::singleton()->checkPassword($name, $password) === $userId;
        if (!$isRight) {
            $after = new LoginEvent('post_credentials_check', $userId, 'wrongUserPassword');
            Civi::dispatcher()->dispatch('civi.standalone.login', $after);
            $this->password(ts('That is not your password.', ['domain' => 'mfasidecar']));
            return;
        }
        $visitor = new Visitor(CRM_Utils_System::ipAddress(), $_SERVER['HTTP_USER_AGENT'] ?? null);
        $this->follow($flow->begin(Accounts::forService($userId), $visitor, Purpose::StepUp), $userId);
    }

    private function follow(LoginStep $step, int $userId): void
    {
        $page = Urls::to(self::PAGE);
        $recovery = Urls::to(self::PAGE, 'recovery=1');
        match ($step->stage) {
            Stage::Passed => $this->confirmed($step, $userId),
            Stage::Challenge => $this->showBox($step->title(), isset($_GET['recovery'])
                ? self::forms()->recovery($step, self::target($recovery, $page))
                : self::forms()->code($step, self::target($page, $recovery)), [], $step->httpStatus()),
            Stage::Over, Stage::Enroll => $this->password(Sentences::of(
                $step->error ?? new Message('error.step_up_expired'),
            )),
            Stage::Blocked => $this->blocked($step->error),
        };
    }

    private function confirmed(LoginStep $step, int $userId): void
    {
        // Somebody with nothing set up has no factor to prove: the password is all there is.
        $isEnough = $step->isProvenByFactor() || $step->login->reason === 'not_enrolled';
        if ($step->passedUserId !== (string) $userId || !$isEnough) {
            $this->password(Sentences::of(new Message('error.step_up_expired')));
            return;
        }
        BrowserSession::renew();
        BrowserSession::keepProof($step->proof);
        BrowserSession::confirm($userId);
        if ($step->notice() !== null) {
            Sentences::say($step->notice(), 'warning');
        }
        $return = BrowserSession::get('confirmReturn');
        CRM_Utils_System::redirect(Urls::accept($return ?? Urls::to(CRM_Mfasidecar_Page_Security::PAGE)));
    }

    private function cancel(LoginFlow $flow): void
    {
        $flow->cancel();
        CRM_Utils_System::redirect(Urls::to(CRM_Mfasidecar_Page_Security::PAGE));
    }

    private function password(?string $error): void
    {
        $this->assign('token', BrowserSession::csrf()->token());
        $this->assign('action', Urls::to(self::PAGE));
        $this->assign('back', Urls::to(CRM_Mfasidecar_Page_Security::PAGE));
        $this->assign('error', $error);
        $this->assign('asksPassword', true);
        $title = ts('Confirm that it is you', ['domain' => 'mfasidecar']);
        $this->showBox($title, '', [], $error === null ? 200 : 422);
    }

    private function blocked(Message $why): void
    {
        $this->showBox(new Message('security.title'), '', ['blocked' => Sentences::of($why), 'again' => null], 503);
    }
}
