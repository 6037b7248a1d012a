<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;

/** What the pages of this extension share: their frame, their form token, their headers. */
abstract class CRM_Mfasidecar_Page_Base extends CRM_Core_Page
{
    /** CiviCRM's classes beside the library's, so that a theme of CiviCRM dresses the forms as its own. */
    private const CLASSES = [
        'mfa-button' => 'btn crm-button',
        'mfa-code' => 'form-control crm-form-text',
        'mfa-text' => 'form-control crm-form-text',
        'mfa-error' => 'alert alert-danger',
        'mfa-hint' => 'description',
    ];

    protected static function isPost(): bool
    {
        return ($_SERVER['REQUEST_METHOD'] ?? 'GET') === 'POST';
    }

    /** The form came from our own page in this browser. */
    protected static function isOurForm(): bool
    {
        return BrowserSession::csrf()->accepts($_POST['csrf'] ?? null);
    }

    protected static function field(string $name): string
    {
        $value = $_POST[$name] ?? '';
        return is_string($value) ? trim($value) : '';
    }

    protected static function forms(): Forms
    {
        $country = Messages::guessCountry($_SERVER['HTTP_ACCEPT_LANGUAGE'] ?? '');
        return new Forms(Sentences::messages(), $country, self::CLASSES);
    }

    protected static function target(string $action, ?string $other = null): FormTarget
    {
        return new FormTarget($action, BrowserSession::csrf(), $action, $other);
    }

    /** @return int the user who is signed in; everybody else is at the login page by then */
    protected static function requireUser(): int
    {
        $userId = Accounts::signedIn();
        if ($userId === null) {
            CRM_Utils_System::redirect(Urls::LOGIN);
        }
        return (int) $userId;
    }

    /**
     * @param string $form HTML of the library, which has escaped what is in it
     * @param array<string, mixed> $values for the page's own template
     */
    protected function show(Message|string $title, string $form, array $values = [], int $status = 200): void
    {
        $heading = $title instanceof Message ? Sentences::of($title) : $title;
        // Pages with secrets on them stay out of caches and out of other sites' frames.
        CRM_Utils_System::setHttpHeader('Cache-Control', 'no-store');
        CRM_Utils_System::setHttpHeader('X-Frame-Options', 'DENY');
        CRM_Utils_System::setHttpHeader('Content-Security-Policy', "frame-ancestors 'none'");
        CRM_Utils_System::setHttpHeader('Referrer-Policy', 'same-origin');
        http_response_code($status);
        CRM_Utils_System::setTitle(htmlspecialchars($heading));
        if ($this->isBox()) {
            // The heading is in the box.
            $this->assign('pageTitle', '');
        }
        Civi::resources()
            ->addStyleFile('mfasidecar', 'bridge/lib/assets/mfa-sidecar.css')
            ->addStyleFile('mfasidecar', 'css/mfasidecar.css')
            ->addScriptFile('mfasidecar', 'bridge/lib/assets/mfa-sidecar.js', ['region' => 'page-footer'])
            ->addScriptFile('mfasidecar', $this->script(), ['region' => 'page-footer']);
        $this->assign('breadcrumb', null);
        foreach ($values + ['heading' => $heading, 'form' => $form] as $name => $value) {
            $this->assign($name, $value);
        }
        parent::run();
    }

    /** A page in the frame of core's login pages. */
    protected function showBox(Message|string $title, string $form, array $values = [], int $status = 200): void
    {
        // Core's login pages show statuses in the box, where people look.
        $this->assign('statusMessages', CRM_Core_Smarty::singleton()->fetch('CRM/common/status.tpl'));
        $this->show($title, $form, $values + ['blocked' => null, 'again' => null, 'isLogin' => false], $status);
    }

    public function getTemplateFileName(): string
    {
        return $this->isBox() ? 'CRM/Mfasidecar/Page/Box.tpl' : parent::getTemplateFileName();
    }

    protected function script(): string
    {
        return 'js/mfasidecar.js';
    }

    /** It looks like the login; else it stands inside CiviCRM. */
    protected function isBox(): bool
    {
        return true;
    }
}
