<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\InvalidUserId;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Error\SidecarUnavailable;

/**
 * The service's API, one method an operation.
 *
 * Every method throws SidecarUnavailable (no answer, or none of the contract), Misconfigured (the key), Problem
 * (a verdict) or InvalidUserId (before the call). None of them returns a value that could be taken for a success.
 */
final class Client
{
    /**
     * @param string|null $actor the host's id of the administrator who acts, for the audit log
     * @param string|null $stepUp the login that proves a factor for changes of what is enrolled
     */
    public function __construct(
        private readonly Transport $transport,
        private readonly ?string $actor = null,
        #[\SensitiveParameter]
        private readonly ?string $stepUp = null,
    ) {
    }

    /** @throws InvalidUserId */
    public function actingAs(string $userId): self
    {
        return new self($this->transport, UserId::check($userId), $this->stepUp);
    }

    /** @param string $loginId of a login or step-up that the user has just passed by a factor */
    public function withStepUp(#[\SensitiveParameter] string $loginId): self
    {
        return new self($this->transport, $this->actor, $loginId);
    }

    // Logins: bridge key.

    public function beginLogin(
        User $user,
        Visitor $visitor,
        Purpose $purpose = Purpose::Login,
        #[\SensitiveParameter] ?string $trustedDevice = null,
    ): Login {
        $body = ['user' => ['id' => $user->id] + $user->toRequest(), 'purpose' => $purpose->value];
        if ($visitor->toRequest() !== []) {
            $body['client'] = $visitor->toRequest();
        }
        if ($trustedDevice !== null) {
            $body['trusted_device'] = $trustedDevice;
        }
        return Login::fromPayload($this->json(Operation::BeginLogin, [], $body));
    }

    /** For page reloads. Its `passed` opens no session: only the answer of the call that passed does. */
    public function login(#[\SensitiveParameter] string $loginId): Login
    {
        return Login::fromPayload($this->json(Operation::GetLogin, ['login_id' => $loginId]));
    }

    /**
     * An app: called again it gives the same secret, so that a reload does not void a scanned one. An address or a
     * number: sends a code there, each time.
     *
     * @param string|null $destination null: the one that the host has told
     * @param string|null $country ISO 3166-1 alpha-2, for a number without a calling code
     */
    public function beginEnrollment(
        #[\SensitiveParameter] string $loginId,
        Method $method,
        ?string $destination = null,
        ?string $country = null,
    ): Enrollment {
        $body = self::setUp($method, null, $destination, $country);
        return Enrollment::fromPayload(
            $this->json(Operation::BeginEnrollment, ['login_id' => $loginId], $body),
            $method,
        );
    }

    public function confirmEnrollment(
        #[\SensitiveParameter] string $loginId,
        #[\SensitiveParameter] string $code,
    ): Login {
        $body = ['code' => $code];
        return Login::fromPayload($this->json(Operation::ConfirmEnrollment, ['login_id' => $loginId], $body));
    }

    /** @param string|null $authenticatorId null: the first of this method */
    public function sendCode(
        #[\SensitiveParameter] string $loginId,
        Method $method,
        ?string $authenticatorId = null,
    ): Delivery {
        $body = ['method' => $method->value];
        if ($authenticatorId !== null) {
            $body['authenticator_id'] = $authenticatorId;
        }
        return Delivery::fromPayload($this->json(Operation::SendCode, ['login_id' => $loginId], $body));
    }

    public function answer(
        #[\SensitiveParameter] string $loginId,
        Method $method,
        #[\SensitiveParameter] string $code,
        bool $trustDevice = false,
    ): Login {
        $body = ['method' => $method->value, 'code' => $code, 'trust_device' => $trustDevice];
        return Login::fromPayload($this->json(Operation::Answer, ['login_id' => $loginId], $body));
    }

    public function cancelLogin(#[\SensitiveParameter] string $loginId): void
    {
        $this->call(Operation::CancelLogin, ['login_id' => $loginId]);
    }

    /** @return list<SmsCountry> where text messages may go; empty when there is no gateway */
    public function smsCountries(): array
    {
        $payload = $this->json(Operation::ListSmsCountries);
        return array_map(SmsCountry::fromPayload(...), $payload->objects('countries'));
    }

    // A user's own authenticators: bridge key, after the host has re-checked the password; withStepUp() when enrolled.

    /**
     * Another set-up each time; a code to the same address or number once more is resendOwnEnrollment().
     *
     * @param string|null $destination null: the one that the host has told
     * @param string|null $country ISO 3166-1 alpha-2, for a number without a calling code
     */
    public function beginOwnEnrollment(
        string $userId,
        Method $method,
        ?string $name = null,
        ?string $destination = null,
        ?string $country = null,
    ): Enrollment {
        $body = self::setUp($method, $name, $destination, $country);
        $payload = $this->json(Operation::BeginOwnEnrollment, ['user_id' => $userId], $body);
        $payload->string('id');
        return Enrollment::fromPayload($payload, $method);
    }

    public function resendOwnEnrollment(string $userId, string $enrollmentId): Delivery
    {
        $in = ['user_id' => $userId, 'enrollment_id' => $enrollmentId];
        return Delivery::fromPayload($this->json(Operation::ResendOwnEnrollment, $in));
    }

    public function confirmOwnEnrollment(
        string $userId,
        string $enrollmentId,
        #[\SensitiveParameter] string $code,
    ): EnrollmentResult {
        $in = ['user_id' => $userId, 'enrollment_id' => $enrollmentId];
        return EnrollmentResult::fromPayload($this->json(Operation::ConfirmOwnEnrollment, $in, ['code' => $code]));
    }

    public function renameAuthenticator(string $userId, string $authenticatorId, string $name): Authenticator
    {
        $in = ['user_id' => $userId, 'authenticator_id' => $authenticatorId];
        return Authenticator::fromPayload($this->json(Operation::RenameAuthenticator, $in, ['name' => $name]));
    }

    public function removeAuthenticator(string $userId, string $authenticatorId): void
    {
        $this->call(Operation::RemoveAuthenticator, [
            'user_id' => $userId,
            'authenticator_id' => $authenticatorId,
        ]);
    }

    public function setPreferredMethod(string $userId, Method $method): void
    {
        $this->call(Operation::SetPreferredMethod, ['user_id' => $userId], ['method' => $method->value]);
    }

    /** @return list<string> shown once; those before are worth nothing any more */
    public function replaceRecoveryCodes(string $userId): array
    {
        return $this->json(Operation::ReplaceRecoveryCodes, ['user_id' => $userId])->strings('recovery_codes');
    }

    /** Everything that the user has enrolled goes. */
    public function disable(string $userId): void
    {
        $this->call(Operation::DisableMfa, ['user_id' => $userId]);
    }

    public function forgetTrustedDevices(string $userId): void
    {
        $this->call(Operation::ForgetTrustedDevices, ['user_id' => $userId]);
    }

    public function forgetTrustedDevice(string $userId, string $deviceId): void
    {
        $this->call(Operation::ForgetTrustedDevice, ['user_id' => $userId, 'device_id' => $deviceId]);
    }

    // Users: bridge key for the first two, admin key for the others.

    public function putUser(User $user): void
    {
        $this->call(Operation::PutUser, ['user_id' => $user->id], $user->toRequest());
    }

    public function user(string $userId): UserState
    {
        return UserState::fromPayload($this->json(Operation::GetUser, ['user_id' => $userId]));
    }

    /** @return UserState|null null: the service has never seen this user */
    public function findUser(string $userId): ?UserState
    {
        try {
            return $this->user($userId);
        } catch (Problem $problem) {
            return $problem->problem === ProblemCode::UserNotFound ? null : throw $problem;
        }
    }

    /**
     * The users with these ids, at most 200, in one call: for a page of the host's own user list.
     *
     * @param non-empty-list<string> $userIds
     */
    public function usersById(array $userIds): RosterPage
    {
        $query = implode('&', array_map(
            static fn (string $id): string => 'id=' . rawurlencode(UserId::check($id)),
            $userIds,
        ));
        return RosterPage::fromPayload($this->json(Operation::ListUsers, query: $query));
    }

    public function users(?bool $enrolled = null, ?string $cursor = null, int $limit = 50): RosterPage
    {
        $query = ['enrolled' => $enrolled === null ? null : ($enrolled ? 'true' : 'false')];
        $query += ['cursor' => $cursor, 'limit' => $limit];
        return RosterPage::fromPayload($this->json(Operation::ListUsers, query: self::query($query)));
    }

    /** @return int how many were removed */
    public function removeAuthenticators(string $userId, ?Method $method = null): int
    {
        $query = self::query(['method' => $method?->value]);
        return $this->json(Operation::RemoveAuthenticators, ['user_id' => $userId], query: $query)->int('removed');
    }

    public function unlockUser(string $userId): void
    {
        $this->call(Operation::UnlockUser, ['user_id' => $userId]);
    }

    /** A new one voids the one before. The login that it opens sets up an authenticator anew. */
    public function issueOneTimePass(string $userId, int $expiresInSeconds = 900): OneTimePass
    {
        $body = ['expires_in' => $expiresInSeconds];
        return OneTimePass::fromPayload($this->json(Operation::IssueOneTimePass, ['user_id' => $userId], $body));
    }

    public function deleteUser(string $userId): void
    {
        $this->call(Operation::DeleteUser, ['user_id' => $userId]);
    }

    // Policy: bridge key to read, admin key to change.

    public function policy(): Policy
    {
        return self::policyFrom(Operation::GetPolicy, $this->call(Operation::GetPolicy));
    }

    /** Replaces the whole; `etag` of the given policy, when it has one, guards against a change in between. */
    public function replacePolicy(Policy $policy): Policy
    {
        $response = $this->call(Operation::ReplacePolicy, [], $policy->toRequest(), etag: $policy->etag);
        return self::policyFrom(Operation::ReplacePolicy, $response);
    }

    /**
     * Changes what is named, as forms do.
     *
     * @param array<string, mixed> $change
     * @param string|null $etag of the policy that the person saw; an older one is `precondition-failed`
     */
    public function changePolicy(array $change, ?string $etag): Policy
    {
        $response = $this->call(Operation::ChangePolicy, [], $change, etag: $etag);
        return self::policyFrom(Operation::ChangePolicy, $response);
    }

    // Audit and health.

    public function auditEvents(
        ?string $userId = null,
        ?string $action = null,
        ?\DateTimeInterface $since = null,
        ?\DateTimeInterface $until = null,
        ?string $cursor = null,
        int $limit = 50,
    ): AuditPage {
        return AuditPage::fromPayload($this->json(Operation::ListAuditEvents, query: self::query([
            'user' => $userId,
            'action' => $action,
            'since' => $since?->format(\DATE_RFC3339),
            'until' => $until?->format(\DATE_RFC3339),
            'cursor' => $cursor,
            'limit' => $limit,
        ])));
    }

    /** For a host's "Test connection": what this key opens, or an error that says why it opens nothing. */
    public function ping(): KeyInfo
    {
        return KeyInfo::fromPayload($this->json(Operation::Ping));
    }

    /** The process answers. */
    public function isHealthy(): bool
    {
        return $this->succeeds(Operation::Healthy);
    }

    /** The process, its database and its keys are there. */
    public function isReady(): bool
    {
        return $this->succeeds(Operation::Ready);
    }

    /** The step-up is as good as a proof for some minutes: it stays out of dumps. */
    public function __debugInfo(): array
    {
        return ['transport' => $this->transport, 'actor' => $this->actor];
    }

    private function succeeds(Operation $operation): bool
    {
        try {
            $this->call($operation);
            return true;
        } catch (SidecarError) {
            return false;
        }
    }

    private static function policyFrom(Operation $operation, Response $response): Policy
    {
        return Policy::fromPayload(Payload::decode($response->body, $operation->value), $response->etag);
    }

    /** @return array<string, string> */
    private static function setUp(Method $method, ?string $name, ?string $destination, ?string $country): array
    {
        return array_filter([
            'method' => $method->value,
            'name' => $name,
            'destination' => $destination,
            'country' => $country,
        ], static fn (?string $value): bool => $value !== null);
    }

    private function json(
        Operation $operation,
        #[\SensitiveParameter] array $in = [],
        #[\SensitiveParameter] ?array $body = null,
        string $query = '',
    ): Payload {
        return Payload::decode($this->call($operation, $in, $body, $query)->body, $operation->value);
    }

    /** @param array<string, string> $in the path's parameters */
    private function call(
        Operation $operation,
        #[\SensitiveParameter] array $in = [],
        #[\SensitiveParameter] ?array $body = null,
        string $query = '',
        ?string $etag = null,
    ): Response {
        try {
            $response = $this->transport->send(
                $operation->verb(),
                self::path($operation, $in) . ($query === '' ? '' : '?' . $query),
                $body === null ? null : self::encode($body),
                $this->headers($etag),
                $operation->patience(),
            );
        } catch (SidecarUnavailable $error) {
            throw new SidecarUnavailable($operation->value . ': ' . $error->getMessage());
        }
        return Verdict::of($operation, $response);
    }

    /** @param array<string, string> $in */
    private static function path(Operation $operation, #[\SensitiveParameter] array $in): string
    {
        if (isset($in['user_id'])) {
            UserId::check($in['user_id']);
        }
        foreach ($in as $name => $id) {
            // An id can come back by a form field; these would reach another route.
            if ($name !== 'user_id' && in_array($id, ['', '.', '..'], true)) {
                $cause = "$operation->value: no id of the service, no call was made";
                throw new Problem(ProblemCode::AuthenticatorNotFound, 404, null, null, $cause);
            }
        }
        return preg_replace_callback(
            '/\{(\w+)\}/',
            static fn (array $match): string => rawurlencode($in[$match[1]]),
            $operation->path(),
        );
    }

    private static function encode(#[\SensitiveParameter] array $body): string
    {
        // A visitor's browser may send bytes that are no text. User ids were checked and are not changed by this.
        $flags = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE;
        return json_encode($body, $flags);
    }

    /** @param array<string, scalar|null> $parameters */
    private static function query(array $parameters): string
    {
        return http_build_query($parameters, '', '&', PHP_QUERY_RFC3986);
    }

    /** @return list<string> */
    private function headers(?string $etag): array
    {
        $headers = [];
        if ($etag !== null) {
            // An ETag can come back by a form field: a line break in it would be a header of its own.
            $headers[] = 'If-Match: ' . preg_replace('/[^\x21-\x7e]/', '', $etag);
        }
        if ($this->actor !== null) {
            $headers[] = 'Mfa-Actor: ' . $this->actor;
        }
        if ($this->stepUp !== null) {
            // It comes back from the host's session, where no line break belongs either.
            $headers[] = 'Mfa-Step-Up: ' . preg_replace('/[^\x21-\x7e]/', '', $this->stepUp);
        }
        return $headers;
    }
}
