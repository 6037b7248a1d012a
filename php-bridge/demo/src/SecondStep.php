<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Method;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\FormTarget;
use MfaSidecar\Page\Message;

/**
 * The pages after the password, at a login and at a step-up.
 *
 * A POST that moves on answers with a redirect to the page of the step; a page always shows what the service says about
 * the pending login, so that reloads and second tabs agree.
 */
final class SecondStep
{
    /**
     * @param string $base address above the pages
     * @param \Closure(LoginStep): Response $passed
     * @param \Closure(Message): Response $over the login ended without a success
     */
    public function __construct(
        private readonly LoginFlow $flow,
        private readonly Forms $forms,
        private readonly Pages $pages,
        private readonly Session $session,
        private readonly string $base,
        private readonly \Closure $passed,
        private readonly \Closure $over,
    ) {
    }

    /** @param string $page `setup`, `code` or `recovery` */
    public function show(string $page): Response
    {
        $step = $this->flow->current();
        // What went wrong on the way here, such as a code that could not be sent.
        $said = $this->session->takeError();
        return $this->page($said !== null && $step->error === null ? $step->withError($said) : $step, $page);
    }

    public function submit(string $page, Request $request): Response
    {
        $step = $page === 'recovery'
            ? $this->flow->answer(Method::RecoveryCode, $request->field('code'))
            : $this->flow->submit($request->fields());
        // A wrong code shows the same page again; everything else moves on.
        return $step->error !== null ? $this->page($step, $page) : $this->next($step);
    }

    public function next(LoginStep $step): Response
    {
        if ($step->error !== null && in_array($step->stage, [Stage::Enroll, Stage::Challenge], true)) {
            $this->session->say($step->error, isError: true);
        }
        return match ($step->stage) {
            Stage::Passed => ($this->passed)($step),
            Stage::Enroll => Response::seeOther("$this->base/setup"),
            Stage::Challenge => Response::seeOther("$this->base/code"),
            Stage::Over => ($this->over)($step->error),
            Stage::Blocked => $this->blocked($step, $this->base),
        };
    }

    private function page(LoginStep $step, string $page): Response
    {
        return match ($step->stage) {
            Stage::Enroll => $page === 'setup' ? $this->setupPage($step) : $this->next($step),
            Stage::Challenge => match ($page) {
                'code' => $this->codePage($step),
                'recovery' => $this->recoveryPage($step),
                default => $this->next($step),
            },
            Stage::Blocked => $this->blocked($step, "$this->base/$page"),
            Stage::Over, Stage::Passed => $this->next($step),
        };
    }

    private function setupPage(LoginStep $step): Response
    {
        $html = $this->forms->setup($step->setUp, $this->target('setup'), $step->error);
        return $this->form('setup', $step->title(), $html, $step, 1);
    }

    private function codePage(LoginStep $step): Response
    {
        return $this->form('code', $step->title(), $this->forms->code($step, $this->target('code', 'recovery')), $step);
    }

    private function recoveryPage(LoginStep $step): Response
    {
        $html = $this->forms->recovery($step, $this->target('recovery', 'code'));
        return $this->form('recovery', new Message('recovery.title'), $html, $step);
    }

    private function form(string $page, Message $title, string $html, LoginStep $step, ?int $number = null): Response
    {
        return $this->pages->form($page, $title, $html, $number, $step->error !== null, $step->httpStatus());
    }

    private function blocked(LoginStep $step, string $path): Response
    {
        $title = new Message('problem.blocked');
        return $this->pages->problem($title, $step->error, $step->httpStatus(), $path, 'problem.try_again');
    }

    private function target(string $page, ?string $other = null): FormTarget
    {
        $other = $other === null ? null : "$this->base/$other";
        return new FormTarget("$this->base/$page", $this->session->csrf(), "$this->base/cancel", $other);
    }
}
