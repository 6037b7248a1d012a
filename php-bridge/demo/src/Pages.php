<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;
use MfaSidecar\Page\Template;

/** Puts a page's content into the site's frame. */
final class Pages
{
    private readonly Template $template;

    public function __construct(
        private readonly Messages $messages,
        private readonly Session $session,
        private readonly ?Account $account,
    ) {
        $this->template = new Template(dirname(__DIR__) . '/templates', $messages);
    }

    /**
     * @param string $page name of the template, and of the page for tests
     * @param array<string, mixed> $values
     */
    public function show(string $page, Message $title, array $values = [], int $status = 200): Response
    {
        $content = $this->template->render($page, $values + ['csrf' => $this->session->csrf(), 'error' => null]);
        $isError = isset($values['error']) || isset($values['rulesError']);
        return $this->frame($page, $title, $content, $isError, $status);
    }

    /** A form of the library, under its title. */
    public function form(string $page, Message $title, string $html, ?int $step, bool $isError, int $status): Response
    {
        $content = $this->template->render('form', ['title' => $title, 'html' => $html, 'step' => $step]);
        return $this->frame($page, $title, $content, $isError, $status);
    }

    /** A dead end in plain words, with the way on. */
    public function problem(Message $title, Message $text, int $status, string $next, string $nextKey): Response
    {
        $values = ['title' => $title, 'text' => $text, 'next' => $next, 'nextKey' => $nextKey];
        return $this->show('problem', $title, $values, $status);
    }

    private function frame(string $page, Message $title, string $content, bool $isError, int $status): Response
    {
        $text = $this->messages->of($title);
        return Response::html($this->template->render('layout', [
            'page' => $page,
            'language' => $this->messages->language,
            // The title is what a screen reader says first after a reload.
            'title' => $isError ? $this->messages->text('error.title_prefix', ['title' => $text]) : $text,
            'content' => $content,
            'account' => $this->account,
            'csrf' => $this->session->csrf(),
            'notice' => $this->session->takeNotice(),
        ]), $status);
    }
}
