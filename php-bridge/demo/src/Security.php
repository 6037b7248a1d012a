<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Flow\Outcome;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\View;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;

/** The page "Security": the library's self-service at one address, behind a re-check of the password. */
final class Security
{
    private const PATH = '/security';
    /** Seconds that a re-check is good for changes of what is enrolled; the service takes a factor for as long. */
    private const CONFIRMED_SECONDS = 600;

    public function __construct(
        private readonly SelfService $selfService,
        private readonly Session $session,
        private readonly Forms $forms,
        private readonly Pages $pages,
    ) {
    }

    public function show(Request $request): Response
    {
        $asked = View::of($request->queries())->needsConfirmation()
            ? StepUp::unlessConfirmed($this->session, self::CONFIRMED_SECONDS, $request->address())
            : null;
        return $asked ?? $this->respond(
            $this->selfService->show($request->queries(), $this->session->takeError()),
        );
    }

    public function submit(Request $request): Response
    {
        $asked = SelfService::needsConfirmation($request->fields())
            ? StepUp::unlessConfirmed($this->session, self::CONFIRMED_SECONDS, self::PATH)
            : null;
        return $asked ?? $this->respond($this->selfService->submit($request->fields()));
    }

    private function respond(SelfServiceStep $step): Response
    {
        switch ($step->outcome) {
            case Outcome::Page:
                return $this->page($step);
            case Outcome::Done:
                if ($step->notice !== null) {
                    $this->session->say($step->notice);
                }
                return Response::seeOther($step->url(self::PATH));
            case Outcome::RecoveryCodes:
                $this->session->say($step->notice);
                $this->session->keepRecoveryCodes($step->recoveryCodes, self::PATH);
                return Response::seeOther('/recovery-codes');
            case Outcome::StepUp:
                $this->session->say($step->error, isError: true);
                return Response::seeOther('/step-up?return=' . rawurlencode($step->url(self::PATH)));
            case Outcome::Blocked:
                $title = new Message('security.title');
                return $this->pages->problem($title, $step->error, 503, self::PATH, 'problem.try_again');
        }
    }

    private function page(SelfServiceStep $step): Response
    {
        $html = $this->forms->security($step, new FormTarget(self::PATH, $this->session->csrf(), self::PATH));
        $isError = $step->error !== null;
        $page = $step->view === View::Overview ? 'security' : "security-{$step->view->value}";
        return $this->pages->form($page, $step->title(), $html, null, $isError, $step->httpStatus());
    }
}
