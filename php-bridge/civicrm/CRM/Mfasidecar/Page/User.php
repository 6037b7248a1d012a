<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Api\OneTimePass;
use MfaSidecar\Api\UserState;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\AdministrationStep;
use MfaSidecar\Page\Message;

/** The second step of one user, for an administrator: what is set up, "Remove authenticator", unlock, one-time pass. */
final class CRM_Mfasidecar_Page_User extends CRM_Mfasidecar_Page_Base
{
    public const PAGE = 'civicrm/admin/mfa/user';

    public function run(): void
    {
        $userId = (int) ($_GET['id'] ?? 0);
        $account = Accounts::find($userId);
        if ($account === null) {
            CRM_Utils_System::redirect(Urls::to('civicrm/admin/users'));
            return;
        }
        $values = [
            'action' => Urls::to(self::PAGE, "id=$userId"),
            'token' => BrowserSession::csrf()->token(),
            'username' => $account['username'],
            'user' => null,
            'pass' => null,
            'error' => null,
        ];
        $administration = Connection::administration();
        $answer = self::isPost() && self::isOurForm()
            ? self::change($administration, (string) $userId, $account['username'])
            : null;
        if ($answer instanceof AdministrationStep && $answer->isDone) {
            Sentences::say($answer->message, 'success');
            CRM_Utils_System::redirect($values['action']);
            return;
        }
        if ($answer instanceof OneTimePass) {
            // Shown by the answer to the form and nowhere else: it is kept in no session.
            $values['pass'] = [
                'code' => $answer->code,
                'until' => Sentences::messages()->date($answer->expiresAt) . $answer->expiresAt
                    ->setTimezone(new DateTimeZone(date_default_timezone_get()))->format(', H:i'),
            ];
        }
        $user = $administration->user((string) $userId);
        $failure = match (true) {
            $user instanceof Message => $user,
            $answer instanceof AdministrationStep => $answer->message,
            default => null,
        };
        $values['user'] = $user instanceof Message ? null : self::describe($user);
        $values['error'] = $failure === null ? null : Sentences::of($failure);
        $this->show(ts('Multi-Factor Authentication of %1', [
            'domain' => 'mfasidecar',
            1 => $account['username'],
        ]), '', $values, $failure === null ? 200 : 503);
    }

    private static function change(
        Administration $administration,
        string $userId,
        string $name,
    ): AdministrationStep|OneTimePass|null {
        return match (self::field('do')) {
            'remove' => $administration->removeAuthenticators($userId, $name),
            'unlock' => $administration->unlock($userId, $name),
            'pass' => $administration->issueOneTimePass($userId),
            default => null,
        };
    }

    /** @return array<string, mixed> */
    private static function describe(?UserState $user): array
    {
        $messages = Sentences::messages();
        $authenticators = [];
        foreach ($user?->authenticators ?? [] as $way) {
            $isKnown = in_array($way->method, [...Administration::METHODS, 'webauthn'], true);
            $authenticators[] = [
                'method' => $messages->text($isKnown ? "method.$way->method" : 'method.other'),
                'name' => (string) ($way->destination ?? $way->name),
                'created' => $messages->date($way->createdAt),
                'used' => $way->lastUsedAt === null ? '' : $messages->date($way->lastUsedAt),
            ];
        }
        return [
            'authenticators' => $authenticators,
            'recoveryCodes' => $user?->recoveryCodesRemaining ?? 0,
            'trustedBrowsers' => count($user?->trustedDevices ?? []),
            'locked' => $user?->isLocked(new DateTimeImmutable()) ?? false,
        ];
    }

    protected function isBox(): bool
    {
        return false;
    }
}
