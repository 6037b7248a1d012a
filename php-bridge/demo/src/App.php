<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\PhpSessionEnrollmentStore;
use MfaSidecar\Flow\PhpSessionStore;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\View;
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

    /** Ways to sign in that the home page has a sentence for: methods of the library, or why none was asked for. */
    private const WAYS_IN = ['password', 'totp', 'email', 'sms', 'recovery_code', 'one_time_pass', 'enrolled',
        'trusted_device', 'grace_period', 'not_enrolled', 'policy_disabled', 'exempt'];

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
        $account = $this->accounts->byId($this->session->userId() ?? '');
        $this->account = $account !== null && $this->session->isOf($account) ? $account : null;
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
            'GET /login/setup', 'GET /login/code', 'GET /login/recovery' => $this->visitor(
                fn (): Response => $this->signIn()->secondStep->show(basename($request->path)),
            ),
            'POST /login/setup', 'POST /login/code', 'POST /login/recovery' => $this->visitor(
                fn (): Response => $this->signIn()->secondStep->submit(basename($request->path), $request),
            ),
            'POST /login/cancel' => $this->visitor(fn (): Response => $this->signIn()->cancel()),
            'GET /grace' => $this->member(fn (): Response => $this->grace()),
            'GET /step-up' => $this->member(fn (): Response => $this->stepUp()->show($request)),
            'POST /step-up' => $this->member(fn (): Response => $this->stepUp()->password($request)),
            'GET /step-up/code', 'GET /step-up/recovery' => $this->member(
                fn (): Response => $this->stepUp()->secondStep->show(basename($request->path)),
            ),
            'POST /step-up/code', 'POST /step-up/recovery' => $this->member(
                fn (): Response => $this->stepUp()->secondStep->submit(basename($request->path), $request),
            ),
            'POST /step-up/cancel' => $this->member(fn (): Response => $this->stepUp()->cancel()),
            'GET /security' => $this->member(fn (): Response => $this->security()->show($request)),
            'POST /security' => $this->member(fn (): Response => $this->security()->submit($request)),
            'GET /password' => $this->member(fn (): Response => $this->profile()->showPassword()),
            'POST /password' => $this->member(fn (): Response => $this->profile()->password($request)),
            'GET /export' => $this->member(fn (): Response => $this->profile()->showExport()),
            'POST /export' => $this->member(fn (): Response => $this->profile()->export()),
            'GET /recovery-codes' => $this->member(fn (): Response => $this->recoveryCodes()->show()),
            'POST /recovery-codes/download' => $this->member(fn (): Response => $this->recoveryCodes()->download()),
            'POST /recovery-codes' => $this->member(fn (): Response => $this->recoveryCodes()->acknowledge($request)),
            'GET /admin/mfa' => $this->admin(fn (Administration $page): Response => $page->show()),
            'POST /admin/mfa/policy' => $this->admin(fn (Administration $page): Response => $page->save($request)),
            'POST /admin/mfa/rules' => $this->admin(fn (Administration $page): Response => $page->saveRules($request)),
            'GET /admin/mfa/pass' => $this->admin(fn (Administration $page): Response => $page->askPass($request)),
            'POST /admin/mfa/pass' => $this->admin(fn (Administration $page): Response => $page->issuePass($request)),
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
        if ($this->mustSaveCodes()) {
            return Response::seeOther('/recovery-codes');
        }
        $values = [
            'account' => $this->account,
            'by' => $this->session->signedInBy(),
            'ways' => self::WAYS_IN,
        ];
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
        if ($this->account === null) {
            return $this->toSignIn();
        }
        return $this->mustSaveCodes() ? Response::seeOther('/recovery-codes') : $page();
    }

    /** Recovery codes are shown once: no other page before the person has said that they are saved. */
    private function mustSaveCodes(): bool
    {
        return $this->session->recoveryCodes() !== [] && !str_starts_with($this->request->path, '/recovery-codes');
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
        if ($this->mustSaveCodes()) {
            return Response::seeOther('/recovery-codes');
        }
        $client = $this->client($this->config->adminKey())->actingAs($this->account->id);
        return $page(new Administration(
            new \MfaSidecar\Flow\Administration($client),
            $this->accounts,
            $this->session,
            $this->pages,
        ));
    }

    private function toSignIn(): Response
    {
        // A POST cannot be repeated after signing in; its page can.
        $return = $this->request->method === 'GET' ? $this->request->address() : '/';
        return Response::seeOther('/login?return=' . rawurlencode($return));
    }

    private function signIn(): SignIn
    {
        return new SignIn(
            $this->accounts,
            $this->session,
            $this->flow(),
            $this->forms(),
            $this->pages,
            $this->messages->language,
            $this->request->isSecure,
        );
    }

    private function stepUp(): StepUp
    {
        return new StepUp(
            $this->account,
            $this->accounts,
            $this->session,
            $this->flow(),
            $this->forms(),
            $this->pages,
            $this->messages->language,
        );
    }

    private function security(): Security
    {
        $selfService = new SelfService(
            $this->client($this->config->bridgeKey()),
            $this->account->forService($this->messages->language),
            new PhpSessionEnrollmentStore(),
            $this->session->proof(),
        );
        return new Security($selfService, $this->session, $this->forms(), $this->pages);
    }

    private function profile(): Profile
    {
        $client = $this->client($this->config->bridgeKey());
        $language = $this->messages->language;
        return new Profile($this->account, $this->accounts, $client, $this->session, $this->pages, $language);
    }

    /** Signed in without a second step for now: when it will take one. */
    private function grace(): Response
    {
        $endsAt = $this->session->graceEndsAt();
        if ($endsAt === null) {
            return Response::seeOther('/');
        }
        $setUp = SelfServiceStep::address('/security', View::Add);
        $html = $this->forms()->grace($endsAt, $setUp, $this->session->returnUrl());
        return $this->pages->form('grace', new Message('grace.title'), $html, null, false, 200);
    }

    private function flow(): LoginFlow
    {
        return new LoginFlow($this->client($this->config->bridgeKey()), new PhpSessionStore());
    }

    private function forms(): Forms
    {
        return new Forms($this->messages, Messages::guessCountry($this->request->language));
    }

    private function recoveryCodes(): RecoveryCodes
    {
        return new RecoveryCodes($this->account, $this->session, $this->forms(), $this->messages, $this->pages);
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
