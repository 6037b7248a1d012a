<?php

declare(strict_types=1);

use Civi\Api4\User;
use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\CoreSetting;
use Civi\Mfasidecar\SecondStep;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Message;

/**
 * The second step of a login: the code, or the set-up.
 *
 * With JavaScript the forms go to core's own API call; without it they come here, and go to the same call.
 */
final class CRM_Mfasidecar_Page_Login extends CRM_Mfasidecar_Page_Base
{
    public function run(): void
    {
        if (Accounts::signedIn() !== null) {
            CRM_Utils_System::redirect(Urls::HOME);
        }
        $step = self::isPost() ? $this->take() : SecondStep::singleton()->current();
        if ($step === null) {
            Sentences::say(new Message('error.login_expired'), 'warning');
            CRM_Utils_System::redirect(Urls::LOGIN);
            return;
        }
        $page = Urls::to(SecondStep::PAGE);
        $recovery = Urls::to(SecondStep::PAGE, 'recovery=1');
        $isRecovery = isset($_GET['recovery']);
        $forms = self::forms();
        match ($step->stage) {
            Stage::Enroll => $this->form(
                $step,
                $step->title(),
                $forms->setup($step->setUp, self::target($page), $step->error),
            ),
            Stage::Challenge => $isRecovery
                ? $this->form(
                    $step,
                    new Message('recovery.title'),
                    $forms->recovery($step, self::target($recovery, $page)),
                )
                : $this->form($step, $step->title(), $forms->code($step, self::target($page, $recovery))),
            Stage::Blocked => $this->showBox(ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']), '', [
                'blocked' => Sentences::of($step->error),
                'again' => $page,
            ], $step->httpStatus()),
            Stage::Over, Stage::Passed => CRM_Utils_System::redirect(Urls::LOGIN),
        };
    }

    private function take(): ?LoginStep
    {
        $secondStep = SecondStep::singleton();
        if (!self::isOurForm()) {
            $this->assign('notice', ts('This page was open too long. Please try again.', ['domain' => 'mfasidecar']));
            return $secondStep->current();
        }
        if (self::field('do') === 'cancel') {
            $secondStep->cancel();
            CRM_Utils_System::redirect(Urls::LOGIN);
            return null;
        }
        // Core's own call, whose guards and listeners see this login as every other.
        $answer = User::login(false)
            ->setMfaClass(CoreSetting::NAME)
            ->setMfaData($_POST)
            ->execute()
            ->getArrayCopy();
        if (isset($answer['url'])) {
            CRM_Utils_System::redirect(Urls::accept($answer['url']));
        }
        return $secondStep->last();
    }

    private function form(LoginStep $step, Message $title, string $html): void
    {
        $this->showBox($title, $html, ['isLogin' => true], $step->httpStatus());
    }
}
