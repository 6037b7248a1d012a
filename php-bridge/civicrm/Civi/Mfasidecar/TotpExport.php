<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Api4\Totp;

/**
 * The secrets of core's own TOTP method, for the service's import: people keep the app that they have.
 *
 * For a command only. No page and no API action gives them out.
 */
final class TotpExport
{
    /** @var list<string> what could not be exported, by user, without a secret in it */
    public array $failures = [];

    /** @return iterable<string> one JSON object a line, as `mfa-sidecar import civicrm` reads them */
    public function lines(): iterable
    {
        $rows = Totp::get(false)
            ->addSelect('user_id', 'seed', 'hash', 'period', 'length')
            ->addOrderBy('user_id')
            ->addOrderBy('id')
            ->execute();
        foreach ($rows as $row) {
            $line = $this->line($row);
            if ($line !== null) {
                yield $line;
            }
        }
    }

    /** @param array<string, mixed> $row */
    private function line(#[\SensitiveParameter] array $row): ?string
    {
        $userId = (int) $row['user_id'];
        $user = Accounts::find($userId);
        if ($user === null) {
            $this->failures[] = "user $userId: there is no such user";
            return null;
        }
        try {
            $secret = \Civi::service('crypto.token')->decrypt($row['seed'], ['plain', 'CRED']);
        } catch (\Exception) {
            $this->failures[] = "user $userId: the secret does not open with CiviCRM's credential key";
            return null;
        }
        $secret = strtoupper(rtrim(trim((string) $secret), '='));
        if (preg_match('/\A[A-Z2-7]+\z/', $secret) !== 1) {
            $this->failures[] = "user $userId: the secret is not base32";
            return null;
        }
        return json_encode([
            'user' => array_filter([
                'id' => (string) $userId,
                'name' => (string) $user['username'],
                'email' => $user['uf_name'] ?: null,
            ], is_string(...)),
            'secret' => $secret,
            'digits' => (int) ($row['length'] ?? 6),
            'period' => (int) ($row['period'] ?? 30),
            // Core's schema writes the default with quotation marks.
            'algorithm' => strtoupper(trim((string) ($row['hash'] ?? 'sha1'), '"')) ?: 'SHA1',
        ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
}
