<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\SecondStep;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\SetUpInSession;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Flow\Outcome;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\View;
use MfaSidecar\Page\Message;

/** My Account » Multi-Factor Authentication: what a person has set up, and changes to it. */
final class CRM_Mfasidecar_Page_Security extends CRM_Mfasidecar_Page_Base
{
    public const PAGE = 'civicrm/my-account/mfa';

    public function run(): void
    {
        $userId = self::requireUser();
        BrowserSession::forgetOldRecoveryCodes();
        $isPost = self::isPost();
        if ($isPost && !self::isOurForm()) {
            CRM_Utils_System::redirect(Urls::to(self::PAGE));
            return;
        }
        $view = View::of($isPost ? $_POST : $_GET);
        $isSensitive = $isPost ? SelfService::needsConfirmation($_POST) : $view->needsConfirmation();
        if ($isSensitive && !BrowserSession::isConfirmed($userId)) {
            $query = array_filter(array_intersect_key($_GET, ['authenticator' => 0, 'method' => 0]), is_string(...));
            $this->confirm(SelfServiceStep::address(Urls::to(self::PAGE), $view, $query));
            return;
        }
        try {
            $service = new SelfService(
                Connection::bridge(),
                Accounts::forService($userId),
                new SetUpInSession(),
                BrowserSession::proof($userId),
                Sentences::log(...),
            );
        } catch (Misconfigured $error) {
            Sentences::log('mfa-sidecar: ' . $error->getMessage());
            $this->blocked(new Message('security.misconfigured'));
            return;
        }
        $this->follow($isPost ? $service->submit($_POST) : $service->show($_GET), $userId);
    }

    private function follow(SelfServiceStep $step, int $userId): void
    {
        $base = Urls::to(self::PAGE);
        switch ($step->outcome) {
            case Outcome::Page:
                $html = self::forms()->security($step, self::target($base));
                $this->show($step->title(), $html, ['blocked' => null], $step->httpStatus());
                return;
            case Outcome::Done:
                if ($step->notice !== null) {
                    Sentences::say($step->notice, 'success');
                }
                CRM_Utils_System::redirect($step->url($base));
                return;
            case Outcome::RecoveryCodes:
                BrowserSession::keepRecoveryCodes($userId, $step->recoveryCodes);
                BrowserSession::set('return', $base);
                CRM_Utils_System::redirect(Urls::to(SecondStep::PAGE . '/recovery-codes'));
                return;
            case Outcome::StepUp:
                $this->confirm($step->url($base));
                return;
            case Outcome::Blocked:
                $this->blocked($step->error);
                return;
        }
    }

    private function confirm(string $return): void
    {
        BrowserSession::set('confirmReturn', $return);
        CRM_Utils_System::redirect(Urls::to(CRM_Mfasidecar_Page_Confirm::PAGE));
    }

    private function blocked(Message $why): void
    {
        $this->show(new Message('security.title'), '', ['blocked' => Sentences::of($why)], 503);
    }

    protected function isBox(): bool
    {
        return false;
    }
}
