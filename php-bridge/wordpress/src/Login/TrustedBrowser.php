<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Api\TrustedDevice;

/** The cookie by which a browser is trusted to skip the second step for a while. The service decides what it is worth. */
final class TrustedBrowser
{
    public static function token(): ?string
    {
        $sent = $_COOKIE[self::cookie()] ?? null;
        return is_string($sent) && preg_match('/\A[\x21-\x7e]{1,512}\z/', $sent) === 1 ? $sent : null;
    }

    public static function remember(?TrustedDevice $device): void
    {
        if ($device === null) {
            return;
        }
        setcookie(self::cookie(), $device->token, [
            'expires' => $device->expiresAt->getTimestamp(),
            // Login forms of other plugins are anywhere on the site.
            'path' => SITECOOKIEPATH,
            'domain' => (string) COOKIE_DOMAIN,
            'secure' => is_ssl(),
            'httponly' => true,
            'samesite' => 'Lax',
        ]);
    }

    private static function cookie(): string
    {
        return 'mfa_sidecar_trusted_' . COOKIEHASH;
    }
}
