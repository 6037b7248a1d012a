<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** How a person proves the second factor. */
enum Method: string
{
    case Totp = 'totp';
    case Email = 'email';
    case Sms = 'sms';
    case Webauthn = 'webauthn';
    case RecoveryCode = 'recovery_code';
    case OneTimePass = 'one_time_pass';

    /** Its code has to be sent before it can be entered. */
    public function isSent(): bool
    {
        return $this === self::Email || $this === self::Sms;
    }

    /** Something that a user has enrolled, and that a trusted browser can build on; a look-up secret is not. */
    public function isAuthenticator(): bool
    {
        return match ($this) {
            self::Totp, self::Email, self::Sms, self::Webauthn => true,
            self::RecoveryCode, self::OneTimePass => false,
        };
    }

    /** The library has pages that set it up. */
    public function canBeSetUp(): bool
    {
        return match ($this) {
            self::Totp, self::Email, self::Sms => true,
            self::Webauthn, self::RecoveryCode, self::OneTimePass => false,
        };
    }
}
