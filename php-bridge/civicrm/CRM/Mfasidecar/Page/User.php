<?php

declare(strict_types=1);

use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\Administration;
use Civi\Mfasidecar\BrowserSession;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use Civi\Mfasidecar\Urls;
use MfaSidecar\Api\Client;
use MfaSidecar\Api\UserState;
use MfaSidecar\Error\SidecarError;

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
        try {
            $client = Connection::admin(Accounts::signedIn());
            if (self::isPost() && self::isOurForm()) {
                $pass = $this->change($client, $userId);
                if ($pass === null) {
                    CRM_Utils_System::redirect($values['action']);
                    return;
                }
                // Shown by the answer to the form and nowhere else: it is kept in no session.
                $values['pass'] = $pass;
            }
            $values['user'] = self::describe($client->findUser((string) $userId));
        } catch (SidecarError $cause) {
            Sentences::log('mfa-sidecar: ' . $cause->getMessage());
            $values['error'] = Administration::failure($cause);
        }
        $status = $values['error'] === null ? 200 : 503;
        $this->show(ts('Multi-Factor Authentication of %1', [
            'domain' => 'mfasidecar',
            1 => $account['username'],
        ]), '', $values, $status);
    }

    /** @return array<string, string>|null a one-time pass, when one was asked for */
    private function change(Client $client, int $userId): ?array
    {
        switch (self::field('do')) {
            case 'remove':
                $removed = $client->removeAuthenticators((string) $userId);
                CRM_Core_Session::setStatus($removed === 0
                    ? ts('There was no authenticator to remove.', ['domain' => 'mfasidecar'])
                    : ts('The authenticators were removed.', ['domain' => 'mfasidecar']), '', 'success');
                return null;
            case 'unlock':
                $client->unlockUser((string) $userId);
                $done = ts('The user can try again now.', ['domain' => 'mfasidecar']);
                CRM_Core_Session::setStatus($done, '', 'success');
                return null;
            case 'pass':
                $pass = $client->issueOneTimePass((string) $userId);
                return [
                    'code' => $pass->code,
                    'until' => Sentences::messages()->date($pass->expiresAt) . $pass->expiresAt
                        ->setTimezone(new DateTimeZone(date_default_timezone_get()))->format(', H:i'),
                ];
            default:
                return null;
        }
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
