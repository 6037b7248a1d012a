<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\View;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Account\SecurityPage;
use MfaSidecar\WordPress\Words;

/** The page right after signing in: recovery codes to be saved, or the reminder that grace will end. */
final class WelcomePage
{
    public function __construct(private readonly Sessions $sessions)
    {
    }

    public static function url(bool $isInterim = false): string
    {
        return LoginPage::url(['view' => 'welcome'], $isInterim);
    }

    /** Action admin_init: recovery codes are shown once, so nothing else comes before they are acknowledged. */
    public function insist(): void
    {
        $mark = $this->sessions->mark();
        if ($mark === null || !$mark->hasWelcome || wp_doing_ajax()) {
            return;
        }
        if (Welcome::of(wp_get_session_token()) === null) {
            $this->sessions->update($mark->withWelcome(false));
            return;
        }
        LoginPage::redirect(self::url());
    }

    public function handle(): never
    {
        $user = wp_get_current_user();
        $token = wp_get_session_token();
        $welcome = $user->exists() ? Welcome::of($token) : null;
        if ($welcome === null) {
            LoginPage::redirect($user->exists() ? admin_url() : LoginPage::signInUrl(null, null));
        }
        if ($welcome->codes === []) {
            $this->showGrace($user, $welcome);
        }
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $this->showCodes($welcome, null);
        }
        $fields = wp_unslash($_POST);
        if (!(new Csrf($token))->accepts($fields[Csrf::FIELD] ?? null)) {
            LoginPage::showStale(self::url($welcome->context->isInterim), $welcome->context->isInterim);
        }
        if (($_GET['way'] ?? null) === 'download') {
            $this->download($user, $welcome);
        }
        if (($fields['saved'] ?? null) !== '1') {
            $this->showCodes($welcome, new Message('codes.saved_missing'));
        }
        Welcome::forget($token);
        $mark = $this->sessions->mark();
        if ($mark !== null) {
            $this->sessions->update($mark->withWelcome(false));
        }
        if (!$welcome->isLogin) {
            LoginPage::redirect($welcome->context->redirectTo);
        }
        AfterLogin::go($user, $welcome->context);
    }

    private function showCodes(Welcome $welcome, ?Message $error): never
    {
        $isInterim = $welcome->context->isInterim;
        $html = (new Forms(Words::current()))->recoveryCodes(
            $welcome->codes,
            new FormTarget(self::url($isInterim), new Csrf(wp_get_session_token())),
            LoginPage::url(['view' => 'welcome', 'way' => 'download'], $isInterim),
            $error,
        );
        $title = Words::current()->text('codes.title');
        LoginPage::show($title, $html, $error === null ? 200 : 422, $isInterim, $error !== null, 'recovery-codes');
    }

    private function showGrace(\WP_User $user, Welcome $welcome): never
    {
        $html = (new Forms(Words::current()))->grace(
            $welcome->graceEndsAt,
            SelfServiceStep::address(SecurityPage::url(), View::Add),
            AfterLogin::destination($user, $welcome->context),
        );
        LoginPage::show(Words::current()->text('grace.title'), $html, name: 'grace');
    }

    private function download(\WP_User $user, Welcome $welcome): never
    {
        header('Cache-Control: no-store, private');
        header('Content-Type: text/plain; charset=utf-8');
        header('Content-Disposition: attachment; filename="recovery-codes.txt"');
        header('X-Content-Type-Options: nosniff');
        // A text file: nothing of it is HTML.
        echo Words::current()->text('codes.file', [
            'user' => $user->user_login,
            'site' => wp_specialchars_decode(get_bloginfo('name'), ENT_QUOTES),
            'codes' => implode("\n", $welcome->codes),
        ]);
        exit;
    }
}
