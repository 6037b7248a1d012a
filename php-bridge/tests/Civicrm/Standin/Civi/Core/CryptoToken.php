<?php

declare(strict_types=1);

namespace Civi\Core;

use Civi\Crypto\Exception\CryptoException;
use MfaSidecar\Tests\Civicrm\Standin\World;

/** Seals texts: here visibly only, so that a test sees what was sealed and what was not. */
class CryptoToken
{
    private const MARK = "\2CTK?";

    public function encrypt(string $plain, string $key): string
    {
        // A site without CIVICRM_CRED_KEYS.
        if (World::state()['settings']['_no_cred_keys'] ?? false) {
            return $plain;
        }
        return self::MARK . $key . base64_encode(strrev($plain));
    }

    /** @param list<string> $kinds */
    public function decrypt(string $token, array $kinds): string
    {
        if (!str_starts_with($token, self::MARK)) {
            return in_array('plain', $kinds, true) ? $token : throw new CryptoException('no token');
        }
        $sealed = base64_decode(substr($token, strlen(self::MARK . 'CRED')), true);
        return $sealed === false ? throw new CryptoException('the token does not open') : strrev($sealed);
    }
}
