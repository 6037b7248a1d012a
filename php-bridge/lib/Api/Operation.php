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

    case GetPolicy = 'GET /v1/policy';
    case ReplacePolicy = 'PUT /v1/policy';
    case ChangePolicy = 'PATCH /v1/policy';

    case GetUser = 'GET /v1/users/{user_id}';
    case PutUser = 'PUT /v1/users/{user_id}';
    case DeleteUser = 'DELETE /v1/users/{user_id}';
    case ListUsers = 'GET /v1/users';
    case RemoveAuthenticators = 'DELETE /v1/users/{user_id}/authenticators';
    case UnlockUser = 'POST /v1/users/{user_id}/unlock';
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
            self::BeginLogin => 201,
            self::SendCode => 202,
            self::CancelLogin, self::PutUser, self::DeleteUser, self::UnlockUser => 204,
            default => 200,
        };
    }

    /**
     * How many times the ordinary time-out the call may take. Proving an enrolment makes recovery codes, which are
     * hashed slowly on purpose and shown this once: giving up early would lose them.
     */
    public function patience(): int
    {
        return $this === self::ConfirmEnrollment ? 5 : 1;
    }
}
