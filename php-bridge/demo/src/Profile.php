<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\Client;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/** What is sensitive on this site: a new password and an export of all data. Both ask for a fresh step-up. */
final class Profile
{
    /** Seconds that a step-up is good for either. */
    private const CONFIRMED_SECONDS = 300;
    private const MIN_PASSWORD_CHARACTERS = 8;
    private const MAX_PASSWORD_BYTES = 4096;

    public function __construct(
        private readonly Account $account,
        private readonly Accounts $accounts,
        private readonly Client $client,
        private readonly Session $session,
        private readonly Pages $pages,
        private readonly string $language,
    ) {
    }

    public function showPassword(?Message $error = null): Response
    {
        return $this->confirmed('/password', fn (): Response => $this->pages->show(
            'password',
            new Message('password.title'),
            ['account' => $this->account, 'error' => $error],
            $error === null ? 200 : 422,
        ));
    }

    public function password(Request $request): Response
    {
        return $this->confirmed('/password', function () use ($request): Response {
            $password = $request->field('new_password');
            $isGood = mb_strlen($password) >= self::MIN_PASSWORD_CHARACTERS
                && strlen($password) <= self::MAX_PASSWORD_BYTES;
            if (!$isGood) {
                return $this->showPassword(new Message('password.too_short'));
            }
            if ($password !== $request->field('new_password_again')) {
                return $this->showPassword(new Message('password.differs'));
            }
            $account = $this->accounts->changePassword($this->account, $password);
            $this->session->renewCredential($account);
            try {
                // Ends at once what was begun, and what is trusted, with the old password.
                $this->client->putUser($account->forService($this->language));
            } catch (SidecarError $cause) {
                // The next login brings the new version anyway.
                error_log('mfa-sidecar: ' . $cause->getMessage());
            }
            $this->session->say(new Message('password.changed'));
            return Response::seeOther('/security');
        });
    }

    public function showExport(): Response
    {
        return $this->confirmed('/export', fn (): Response => $this->pages->show(
            'export',
            new Message('export.title'),
        ));
    }

    public function export(): Response
    {
        return $this->confirmed('/export', fn (): Response => Response::download('my-data.json', json_encode([
            'id' => $this->account->id,
            'name' => $this->account->name,
            'display_name' => $this->account->displayName,
            'role' => $this->account->role,
            'email' => $this->account->email,
            'phone' => $this->account->phone,
        ], JSON_THROW_ON_ERROR | JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE) . "\n", 'application/json'));
    }

    /** @param \Closure(): Response $page */
    private function confirmed(string $path, \Closure $page): Response
    {
        return StepUp::unlessConfirmed($this->session, self::CONFIRMED_SECONDS, $path) ?? $page();
    }
}
