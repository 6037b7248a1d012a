<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\SecondStep;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Page\Message;

/** The recovery codes, right after they were made. The service shows them once; the session keeps them until then. */
final class CRM_Mfasidecar_Page_RecoveryCodes extends CRM_Mfasidecar_Page_Base
{
    private const PAGE = SecondStep::PAGE . '/recovery-codes';

    public function run(): void
    {
        $userId = self::requireUser();
        $codes = BrowserSession::recoveryCodes($userId);
        if ($codes === []) {
            CRM_Utils_System::redirect(Urls::HOME);
            return;
        }
        $isOurs = self::isPost() && self::isOurForm();
        if ($isOurs && isset($_GET['download'])) {
            $this->download($userId, $codes);
            return;
        }
        if ($isOurs && self::field('saved') === '1') {
            BrowserSession::forgetRecoveryCodes();
            CRM_Utils_System::redirect(Urls::accept(BrowserSession::get('return')));
            return;
        }
        $error = self::isPost() ? new Message('codes.saved_missing') : null;
        $html = self::forms()->recoveryCodes(
            $codes,
            self::target(Urls::to(self::PAGE)),
            Urls::to(self::PAGE, 'download=1'),
            $error,
        );
        $this->showBox(new Message('codes.title'), $html, [], $error === null ? 200 : 422);
    }

    /** @param list<string> $codes */
    private function download(int $userId, #[\SensitiveParameter] array $codes): void
    {
        $text = Sentences::messages()->text('codes.file', [
            'user' => (string) (Accounts::find($userId)['username'] ?? $userId),
            'site' => (string) CRM_Core_BAO_Domain::getDomain()->name,
            'codes' => implode("\n", $codes),
        ]);
        CRM_Utils_System::setHttpHeader('Cache-Control', 'no-store');
        CRM_Utils_System::download('recovery-codes.txt', 'text/plain; charset=utf-8', $text);
    }
}
