<?php

declare(strict_types=1);

namespace Demo;

use MfaSidecar\Api\TrustedDevice;

/** The cookie by which a browser is trusted to skip the second step for a while. */
final class TrustedBrowser
{
    public const COOKIE = 'demo_trusted_browser';

    /** Sent only to the login form, which is the one place that asks for it. */
    public static function remember(TrustedDevice $device, bool $isSecure): void
    {
        setcookie(self::COOKIE, $device->token, [
            'expires' => $device->expiresAt->getTimestamp(),
            'path' => '/login',
            'httponly' => true,
            'samesite' => 'Lax',
            'secure' => $isSecure,
        ]);
    }
}
