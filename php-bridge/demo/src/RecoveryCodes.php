<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;

/**
 * The recovery codes, right after they were made.
 *
 * The service shows them once. The session keeps them until the person says that they are saved, so that a reload or
 * a closed lid in this very moment does not cost them.
 */
final class RecoveryCodes
{
    public function __construct(
        private readonly Account $account,
        private readonly Session $session,
        private readonly Forms $forms,
        private readonly Messages $messages,
        private readonly Pages $pages,
    ) {
    }

    public function show(?Message $error = null): Response
    {
        $codes = $this->session->recoveryCodes();
        if ($codes === []) {
            return Response::seeOther('/');
        }
        $target = new FormTarget('/recovery-codes', $this->session->csrf());
        $html = $this->forms->recoveryCodes($codes, $target, '/recovery-codes/download', $error);
        $step = $this->session->areRecoveryCodesOfSignIn() ? 2 : null;
        $status = $error === null ? 200 : 422;
        $title = new Message('codes.title');
        return $this->pages->form('recovery-codes', $title, $html, $step, $error !== null, $status);
    }

    public function download(): Response
    {
        $codes = $this->session->recoveryCodes();
        if ($codes === []) {
            return Response::seeOther('/');
        }
        return Response::download('recovery-codes.txt', $this->messages->text('codes.file', [
            'user' => $this->account->name,
            'site' => $this->messages->text('site.name'),
            'codes' => implode("\n", $codes),
        ]));
    }

    public function acknowledge(Request $request): Response
    {
        if ($request->field('saved') !== '1') {
            return $this->show(new Message('codes.saved_missing'));
        }
        $this->session->forgetRecoveryCodes();
        return Response::seeOther($this->session->takeReturn());
    }
}
