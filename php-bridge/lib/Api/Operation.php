<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/**
 * Every call that the client makes: verb and path template, as in the service's OpenAPI document.
 *
 * Logs name the template, not the path, because a path holds the login id.
 */
enum Operation: string
{
    case BeginLogin = 'POST /v1/logins';
    case GetLogin = 'GET /v1/logins/{login_id}';
    case BeginEnrollment = 'POST /v1/logins/{login_id}/enrollment';
    case ConfirmEnrollment = 'POST /v1/logins/{login_id}/enrollment/confirm';
    case SendCode = 'POST /v1/logins/{login_id}/challenge';
    case Answer = 'POST /v1/logins/{login_id}/answer';
    case CancelLogin = 'DELETE /v1/logins/{login_id}';

    case ListSmsCountries = 'GET /v1/sms/countries';

    case GetPolicy = 'GET /v1/policy';
    case ReplacePolicy = 'PUT /v1/policy';
    case ChangePolicy = 'PATCH /v1/policy';

    case GetUser = 'GET /v1/users/{user_id}';
    case PutUser = 'PUT /v1/users/{user_id}';
    case DeleteUser = 'DELETE /v1/users/{user_id}';
    case ListUsers = 'GET /v1/users';
    case RemoveAuthenticators = 'DELETE /v1/users/{user_id}/authenticators';
    case UnlockUser = 'POST /v1/users/{user_id}/unlock';
    case IssueOneTimePass = 'POST /v1/users/{user_id}/one-time-pass';

    case BeginOwnEnrollment = 'POST /v1/users/{user_id}/enrollments';
    case ResendOwnEnrollment = 'POST /v1/users/{user_id}/enrollments/{enrollment_id}/resend';
    case ConfirmOwnEnrollment = 'POST /v1/users/{user_id}/enrollments/{enrollment_id}/confirm';
    case RenameAuthenticator = 'PATCH /v1/users/{user_id}/authenticators/{authenticator_id}';
    case RemoveAuthenticator = 'DELETE /v1/users/{user_id}/authenticators/{authenticator_id}';
    case SetPreferredMethod = 'PUT /v1/users/{user_id}/preferred-method';
    case ReplaceRecoveryCodes = 'POST /v1/users/{user_id}/recovery-codes';
    case DisableMfa = 'POST /v1/users/{user_id}/disable';
    case ForgetTrustedDevices = 'DELETE /v1/users/{user_id}/trusted-devices';
    case ForgetTrustedDevice = 'DELETE /v1/users/{user_id}/trusted-devices/{device_id}';

    case ListAuditEvents = 'GET /v1/audit-events';

    case Ping = 'POST /v1/ping';
    case Healthy = 'GET /healthz';
    case Ready = 'GET /readyz';

    public function verb(): string
    {
        return strstr($this->value, ' ', true);
    }

    public function path(): string
    {
        return substr(strstr($this->value, ' '), 1);
    }

    /** The one status that means success; any other, 2xx included, is not what was asked for. */
    public function success(): int
    {
        return match ($this) {
            self::BeginLogin, self::BeginOwnEnrollment, self::IssueOneTimePass => 201,
            self::SendCode, self::ResendOwnEnrollment => 202,
            self::CancelLogin, self::PutUser, self::DeleteUser, self::UnlockUser,
            self::RemoveAuthenticator, self::SetPreferredMethod, self::DisableMfa,
            self::ForgetTrustedDevices, self::ForgetTrustedDevice => 204,
            default => 200,
        };
    }

    /**
     * How many times the ordinary time-out the call may take.
     *
     * Recovery codes are hashed slowly on purpose and shown once: giving up early would lose them. A code that is sent
     * waits for the mail server or the gateway, which may take as long as the service lets it: giving up early would
     * call a code lost that arrives a second later.
     */
    public function patience(): int
    {
        return match ($this) {
            self::ConfirmEnrollment, self::ConfirmOwnEnrollment, self::ReplaceRecoveryCodes,
            self::SendCode, self::BeginEnrollment, self::BeginOwnEnrollment, self::ResendOwnEnrollment => 5,
            default => 1,
        };
    }
}
