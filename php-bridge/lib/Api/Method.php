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
}
