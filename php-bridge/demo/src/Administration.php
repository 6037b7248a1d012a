<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\OneTimePass;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Flow\Administration as Sidecar;
use MfaSidecar\Flow\AdministrationStep;
use MfaSidecar\Page\Message;

/** Administration » Multi-Factor Authentication. */
final class Administration
{
    private const PATH = '/admin/mfa';
    private const ROLES = ['administrator', 'member'];

    public function __construct(
        private readonly Sidecar $sidecar,
        private readonly Accounts $accounts,
        private readonly Session $session,
        private readonly Pages $pages,
    ) {
    }

    /** @param Message|null $rulesError of the form with the finer rules */
    public function show(?Message $error = null, int $status = 200, ?Message $rulesError = null): Response
    {
        $accounts = $this->accounts->all();
        $title = new Message('admin.title');
        $policy = $this->sidecar->policy();
        // One call for the page, however many users it lists.
        $roster = $policy instanceof Message ? $policy : $this->sidecar->roster(array_column($accounts, 'id'));
        if ($roster instanceof Message) {
            return $this->pages->problem($title, $roster, 503, self::PATH, 'problem.try_again');
        }
        return $this->pages->show('admin', $title, [
            'policy' => $policy,
            'choice' => PolicyChoice::of($policy),
            'accounts' => $accounts,
            'roster' => $roster,
            'now' => new \DateTimeImmutable(),
            'methods' => Sidecar::METHODS,
            'roles' => self::ROLES,
            'error' => $error ?? ($rulesError === null ? $this->session->takeError() : null),
            'rulesError' => $rulesError,
        ], $status);
    }

    public function save(Request $request): Response
    {
        $step = $this->sidecar->choose($request->field('policy'), $request->field('etag'));
        return self::isAboutTheForm($step) ? $this->show($step->message, $step->httpStatus) : $this->answer($step);
    }

    /** The rules that are finer than the drop-down. */
    public function saveRules(Request $request): Response
    {
        $step = $this->sidecar->saveRules($request->fields(), self::ROLES, $request->field('etag'));
        return self::isAboutTheForm($step)
            ? $this->show(rulesError: $step->message, status: $step->httpStatus)
            : $this->answer($step);
    }

    public function askPass(Request $request): Response
    {
        $account = $this->accounts->byId($request->query('user'));
        if ($account === null) {
            return Response::seeOther(self::PATH);
        }
        $pass = $this->session->takePass();
        $isIssued = $pass !== null && $pass[0] === $account->id;
        $title = new Message('issue.title', ['user' => $account->displayName]);
        return $this->pages->show('pass', $title, [
            'account' => $account,
            'title' => $title,
            'code' => $isIssued ? $pass[1] : null,
            'expiresAt' => $isIssued ? $pass[2] : null,
        ]);
    }

    public function issuePass(Request $request): Response
    {
        $account = $this->accounts->byId($request->field('user'));
        if ($account === null) {
            return Response::seeOther(self::PATH);
        }
        $pass = $this->sidecar->issueOneTimePass($account->id);
        if (!$pass instanceof OneTimePass) {
            return $this->answer($pass);
        }
        $this->session->keepPass($account->id, $pass->code, $pass->expiresAt);
        return Response::seeOther(self::PATH . '/pass?user=' . rawurlencode($account->id));
    }

    public function askRemove(Request $request): Response
    {
        $account = $this->accounts->byId($request->query('user'));
        if ($account === null) {
            return Response::seeOther(self::PATH);
        }
        $title = new Message('remove.title', ['user' => $account->displayName]);
        return $this->pages->show('remove', $title, ['account' => $account, 'title' => $title]);
    }

    public function remove(Request $request): Response
    {
        $account = $this->accounts->byId($request->field('user'));
        return $account === null
            ? Response::seeOther(self::PATH)
            : $this->answer($this->sidecar->removeAuthenticators($account->id, $account->displayName));
    }

    public function unlock(Request $request): Response
    {
        $account = $this->accounts->byId($request->field('user'));
        return $account === null
            ? Response::seeOther(self::PATH)
            : $this->answer($this->sidecar->unlock($account->id, $account->displayName));
    }

    /** Something that the person can mend in the form; an outage is not. */
    private static function isAboutTheForm(AdministrationStep $step): bool
    {
        return !$step->isDone && $step->httpStatus < 500;
    }

    private function answer(AdministrationStep $step): Response
    {
        $this->session->say($step->message, isError: !$step->isDone);
        return Response::seeOther(self::PATH);
    }
}
