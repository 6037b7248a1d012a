<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/** Administration » Multi-Factor Authentication. The client holds the admin key and names the administrator. */
final class Administration
{
    private const PATH = '/admin/mfa';

    public function __construct(
        private readonly Client $client,
        private readonly Accounts $accounts,
        private readonly Session $session,
        private readonly Pages $pages,
    ) {
    }

    public function show(?Message $error = null, int $status = 200): Response
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
                'error' => $error ?? $this->session->takeError(),
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

    private function log(SidecarError $cause): void
    {
        error_log('mfa-sidecar: ' . $cause->getMessage());
    }
}
