<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\PhpSessionStore;
use MfaSidecar\Page\Csrf;
use MfaSidecar\Page\Forms;
use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;

/** Puts the parts together and finds the page for a request. */
final class App
{
    private const ASSETS = [
        '/assets/site.css' => __DIR__ . '/../assets/site.css',
        '/assets/mfa-sidecar.css' => __DIR__ . '/../../lib/assets/mfa-sidecar.css',
        '/assets/mfa-sidecar.js' => __DIR__ . '/../../lib/assets/mfa-sidecar.js',
    ];

    private readonly Session $session;
    private readonly Accounts $accounts;
    private readonly Messages $messages;
    private readonly Pages $pages;
    private readonly ?Account $account;

    private function __construct(
        private readonly Config $config,
        private readonly Request $request,
    ) {
        $this->session = new Session();
        $this->session->start($config->dataDirectory() . '/sessions', $request->isSecure);
        $this->accounts = new Accounts($config->dataDirectory() . '/users.json');
        $this->account = $this->accounts->byId($this->session->userId() ?? '');
        $this->messages = Messages::in(Messages::negotiate($request->language), __DIR__ . '/../messages');
        $this->pages = new Pages($this->messages, $this->session, $this->account);
    }

    public static function answer(Config $config, Request $request): Response
    {
        $asset = self::ASSETS[$request->path] ?? null;
        return $asset === null ? (new self($config, $request))->route() : Response::asset($asset);
    }

    private function route(): Response
    {
        $request = $this->request;
        if ($request->method === 'POST' && !$this->session->csrf()->accepts($request->field(Csrf::FIELD))) {
            return $this->problem('problem.stale', 'problem.stale_text', 403);
        }
        return match ("$request->method $request->path") {
            'GET /' => $this->home(),
            'GET /messages' => $this->messages(),
            'GET /login' => $this->visitor(fn (): Response => $this->signIn()->showPassword($request)),
            'POST /login' => $this->visitor(fn (): Response => $this->signIn()->password($request)),
            'GET /login/setup' => $this->visitor(fn (): Response => $this->signIn()->showSetup()),
            'POST /login/setup' => $this->visitor(fn (): Response => $this->signIn()->setup($request)),
            'GET /login/code' => $this->visitor(fn (): Response => $this->signIn()->showCode()),
            'POST /login/code' => $this->visitor(fn (): Response => $this->signIn()->code($request)),
            'GET /login/recovery' => $this->visitor(fn (): Response => $this->signIn()->showRecovery()),
            'POST /login/recovery' => $this->visitor(fn (): Response => $this->signIn()->recovery($request)),
            'POST /login/cancel' => $this->visitor(fn (): Response => $this->signIn()->cancel()),
            'GET /recovery-codes' => $this->member(fn (): Response => $this->recoveryCodes()->show()),
            'POST /recovery-codes/download' => $this->member(fn (): Response => $this->recoveryCodes()->download()),
            'POST /recovery-codes' => $this->member(fn (): Response => $this->recoveryCodes()->acknowledge($request)),
            'GET /admin/mfa' => $this->admin(fn (Administration $page): Response => $page->show()),
            'POST /admin/mfa/policy' => $this->admin(fn (Administration $page): Response => $page->save($request)),
            'GET /admin/mfa/remove' => $this->admin(fn (Administration $page): Response => $page->askRemove($request)),
            'POST /admin/mfa/remove' => $this->admin(fn (Administration $page): Response => $page->remove($request)),
            'POST /admin/mfa/unlock' => $this->admin(fn (Administration $page): Response => $page->unlock($request)),
            'POST /logout' => $this->signOut(),
            default => $this->problem('problem.not_found', 'problem.not_found_text', 404),
        };
    }

    private function home(): Response
    {
        if ($this->account === null) {
            return $this->pages->show('welcome', new Message('welcome.title'));
        }
        if ($this->session->recoveryCodes() !== []) {
            return Response::seeOther('/recovery-codes');
        }
        $values = ['account' => $this->account, 'by' => $this->session->signedInBy()];
        return $this->pages->show('home', new Message('home.title', ['user' => $this->account->displayName]), $values);
    }

    /** What the service has sent in this demonstration. No real site has such a page. */
    private function messages(): Response
    {
        $office = new PostOffice($this->config->postOfficeFile());
        return $this->pages->show('messages', new Message('messages.title'), ['messages' => $office->messages()]);
    }

    private function signOut(): Response
    {
        $this->session->signOut();
        $this->session->say(new Message('sign-in.signed_out'));
        return Response::seeOther('/');
    }

    /** @param \Closure(): Response $page for somebody who is not signed in */
    private function visitor(\Closure $page): Response
    {
        return $this->account === null ? $page() : Response::seeOther('/');
    }

    /** @param \Closure(): Response $page */
    private function member(\Closure $page): Response
    {
        return $this->account === null ? $this->toSignIn() : $page();
    }

    /** @param \Closure(Administration): Response $page */
    private function admin(\Closure $page): Response
    {
        if ($this->account === null) {
            return $this->toSignIn();
        }
        if (!$this->account->isAdministrator()) {
            return $this->problem('problem.forbidden', 'problem.forbidden_text', 403);
        }
        $client = $this->client($this->config->adminKey())->actingAs($this->account->id);
        return $page(new Administration($client, $this->accounts, $this->session, $this->pages));
    }

    private function toSignIn(): Response
    {
        // A POST cannot be repeated after signing in; its page can.
        $return = $this->request->method === 'GET' ? $this->request->path : '/';
        return Response::seeOther('/login?return=' . rawurlencode($return));
    }

    private function signIn(): SignIn
    {
        $flow = new LoginFlow($this->client($this->config->bridgeKey()), new PhpSessionStore());
        return new SignIn($this->accounts, $this->session, $flow, new Forms($this->messages), $this->pages);
    }

    private function recoveryCodes(): RecoveryCodes
    {
        $forms = new Forms($this->messages);
        return new RecoveryCodes($this->account, $this->session, $forms, $this->messages, $this->pages);
    }

    private function client(#[\SensitiveParameter] string $key): Client
    {
        return new Client(new Transport($this->config->serviceUrl(), $key));
    }

    private function problem(string $title, string $text, int $status): Response
    {
        return $this->pages->problem(new Message($title), new Message($text), $status, '/', 'problem.to_start');
    }
}
