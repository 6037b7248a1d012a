<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\LocalUrl;
use MfaSidecar\Page\Message;

/**
 * Asks a person who is signed in to confirm who they are before a sensitive operation: the password, and a factor where
 * they have one.
 */
final class StepUp
{
    public readonly SecondStep $secondStep;

    public function __construct(
        private readonly Account $account,
        private readonly Accounts $accounts,
        private readonly Session $session,
        private readonly LoginFlow $flow,
        Forms $forms,
        private readonly Pages $pages,
        private readonly string $language,
    ) {
        $this->secondStep = new SecondStep(
            $flow,
            $forms,
            $pages,
            $session,
            '/step-up',
            $this->confirmed(...),
            $this->startAgain(...),
        );
    }

    /** @return Response|null null: confirmed not longer ago than that */
    public static function unlessConfirmed(Session $session, int $maxAgeSeconds, string $return): ?Response
    {
        return $session->isConfirmed($maxAgeSeconds)
            ? null
            : Response::seeOther('/step-up?return=' . rawurlencode($return));
    }

    public function show(Request $request): Response
    {
        if ($request->query('return') !== '') {
            $this->session->rememberReturn($request->query('return'));
        }
        return $this->page($this->session->takeError(), 200);
    }

    public function password(Request $request): Response
    {
        if ($this->accounts->authenticate($this->account->name, $request->field('password')) === null) {
            return $this->page(new Message('step-up.rejected'), 422);
        }
        return $this->secondStep->next($this->flow->begin(
            $this->account->forService($this->language),
            new Visitor($request->ip, $request->userAgent),
            Purpose::StepUp,
        ));
    }

    public function cancel(): Response
    {
        $this->flow->cancel();
        $this->session->takeReturn();
        return Response::seeOther('/security');
    }

    private function confirmed(LoginStep $step): Response
    {
        // Somebody with nothing enrolled has no factor to prove: the password is all there is.
        $isEnough = $step->isProvenByFactor() || $step->login->reason === 'not_enrolled';
        if ($step->passedUserId !== $this->account->id || !$isEnough) {
            return $this->startAgain(new Message('error.step_up_expired'));
        }
        $this->session->confirm($step->proof);
        if ($step->notice() !== null) {
            $this->session->say($step->notice());
        }
        return Response::seeOther(LocalUrl::accept($this->session->takeReturn(), '/security'));
    }

    private function startAgain(Message $why): Response
    {
        $this->session->say($why, isError: true);
        return Response::seeOther('/step-up');
    }

    private function page(?Message $error, int $status): Response
    {
        return $this->pages->show('step-up', new Message('step-up.title'), [
            'account' => $this->account,
            'error' => $error,
        ], $status);
    }
}
