<?php

declare(strict_types=1);

use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Page\Message;

/** Signed in without a second step for now, with the day from which it takes one. */
final class CRM_Mfasidecar_Page_Grace extends CRM_Mfasidecar_Page_Base
{
    public function run(): void
    {
        $userId = self::requireUser();
        $grace = BrowserSession::get('grace');
        if (!is_array($grace) || $grace['user'] !== $userId) {
            CRM_Utils_System::redirect(Urls::HOME);
            return;
        }
        $this->showBox(new Message('grace.title'), self::forms()->grace(
            new DateTimeImmutable($grace['ends']),
            Urls::to('civicrm/my-account/mfa', 'view=add'),
            Urls::accept(BrowserSession::get('return')),
        ));
    }
}
