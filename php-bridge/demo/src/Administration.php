<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/** Administration » Multi-Factor Authentication. The client holds the admin key and names the administrator. */
final class Administration
{
    private const PATH = '/admin/mfa';
    private const METHODS = ['totp', 'email', 'sms'];
    private const ROLES = ['administrator', 'member'];

    public function __construct(
        private readonly Client $client,
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
        try {
            $policy = $this->client->policy();
            return $this->pages->show('admin', $title, [
                'policy' => $policy,
                'choice' => PolicyChoice::of($policy),
                'accounts' => $accounts,
                // One call for the page, however many users it lists.
                'roster' => $this->client->usersById(array_column($accounts, 'id')),
                'now' => new \DateTimeImmutable(),
                'methods' => self::METHODS,
                'roles' => self::ROLES,
                'error' => $error ?? ($rulesError === null ? $this->session->takeError() : null),
                'rulesError' => $rulesError,
            ], $status);
        } catch (SidecarError $cause) {
            $this->log($cause);
            $key = $cause instanceof Misconfigured ? 'admin.misconfigured' : 'admin.unreachable';
            return $this->pages->problem($title, new Message($key), 503, self::PATH, 'problem.try_again');
        }
    }

    public function save(Request $request): Response
    {
        $choice = PolicyChoice::tryFrom($request->field('policy'));
        if ($choice === null) {
            return $this->show(new Message('admin.choice_missing'), 422);
        }
        try {
            $this->client->changePolicy($choice->toChange(), $request->field('etag'));
        } catch (SidecarError $cause) {
            if ($cause instanceof Problem && $cause->problem === ProblemCode::PreconditionFailed) {
                return $this->show(new Message('admin.conflict'), 409);
            }
            return $this->failed($cause);
        }
        return $this->done(new Message('admin.saved'));
    }

    /** The rules that are finer than the drop-down. */
    public function saveRules(Request $request): Response
    {
        $mode = PolicyMode::tryFrom($request->field('mode'));
        $days = [$request->field('grace_period_days'), $request->field('trusted_device_days')];
        $methods = array_values(array_intersect(self::METHODS, $request->fieldList('methods')));
        if ($mode === null || $methods === [] || array_filter($days, ctype_digit(...)) !== $days) {
            return $this->show(rulesError: new Message('rules.invalid'), status: 422);
        }
        try {
            $policy = $this->client->policy();
            $this->client->changePolicy([
                'mode' => $mode->value,
                // What this page does not know, such as a method of a newer service, stays as it is.
                'methods' => [...$methods, ...array_diff($policy->methods, self::METHODS)],
                'grace_period_days' => (int) $days[0],
                'trusted_device_days' => (int) $days[1],
                'required_roles' => self::roles($request->fieldList('required_roles'), $policy->requiredRoles),
                'exempt_roles' => self::roles($request->fieldList('exempt_roles'), $policy->exemptRoles),
                'self_service' => $request->field('self_service') === '1',
            ], $request->field('etag'));
        } catch (SidecarError $cause) {
            return match ($cause instanceof Problem ? $cause->problem : null) {
                ProblemCode::PreconditionFailed => $this->show(rulesError: new Message('admin.conflict'), status: 409),
                ProblemCode::InvalidRequest => $this->show(rulesError: new Message('rules.invalid'), status: 422),
                default => $this->failed($cause),
            };
        }
        return $this->done(new Message('admin.saved'));
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
        try {
            $pass = $this->client->issueOneTimePass($account->id);
        } catch (SidecarError $cause) {
            return $this->failed($cause);
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
        return $this->change($request, function (Account $account): Message {
            $removed = $this->client->removeAuthenticators($account->id);
            $key = $removed === 0 ? 'users.nothing_removed' : 'users.removed';
            return new Message($key, ['user' => $account->displayName]);
        });
    }

    public function unlock(Request $request): Response
    {
        return $this->change($request, function (Account $account): Message {
            $this->client->unlockUser($account->id);
            return new Message('users.unlocked', ['user' => $account->displayName]);
        });
    }

    /** @param \Closure(Account): Message $change */
    private function change(Request $request, \Closure $change): Response
    {
        $account = $this->accounts->byId($request->field('user'));
        if ($account === null) {
            return Response::seeOther(self::PATH);
        }
        try {
            return $this->done($change($account));
        } catch (SidecarError $cause) {
            return $this->failed($cause);
        }
    }

    private function done(Message $notice): Response
    {
        $this->session->say($notice);
        return Response::seeOther(self::PATH);
    }

    private function failed(SidecarError $cause): Response
    {
        $this->log($cause);
        $this->session->say(new Message('admin.failed'), isError: true);
        return Response::seeOther(self::PATH);
    }

    /**
     * @param list<string> $chosen
     * @param list<string> $present
     * @return list<string> with the roles that this page does not show
     */
    private static function roles(array $chosen, array $present): array
    {
        return [...array_values(array_intersect(self::ROLES, $chosen)), ...array_diff($present, self::ROLES)];
    }

    private function log(SidecarError $cause): void
    {
        error_log('mfa-sidecar: ' . $cause->getMessage());
    }
}
