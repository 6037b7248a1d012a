<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Api\TrustedDevice;

/** The cookie of a browser that the service trusts for a while; the service decides what it is worth. */
final class TrustedBrowser
{
    private const COOKIE = 'mfa_trusted_browser';

    public static function token(): ?string
    {
        $token = $_COOKIE[self::COOKIE] ?? null;
        return is_string($token) && $token !== '' ? $token : null;
    }

    public static function remember(TrustedDevice $device): void
    {
        setcookie(self::COOKIE, $device->token, [
            'expires' => $device->expiresAt->getTimestamp(),
            'path' => '/',
            'secure' => \CRM_Utils_System::isSSL(),
            'httponly' => true,
            'samesite' => 'Lax',
        ]);
    }
}
