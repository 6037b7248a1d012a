<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Crypto\Exception\CryptoException;

/**
 * Seals what lies in CiviCRM's database with CiviCRM's credential key (CIVICRM_CRED_KEYS).
 *
 * A site that has none seals nothing: there, and only there, what is not sealed is read as well. Elsewhere it did not
 * come from here.
 */
final class Seal
{
    private const KEYS = 'CRED';

    public static function close(#[\SensitiveParameter] string $text): string
    {
        return \Civi::service('crypto.token')->encrypt($text, self::KEYS);
    }

    /** @throws CryptoException */
    public static function open(#[\SensitiveParameter] string $sealed): string
    {
        $isSealing = self::close('sealed?') !== 'sealed?';
        return \Civi::service('crypto.token')->decrypt($sealed, $isSealing ? [self::KEYS] : [self::KEYS, 'plain']);
    }
}
