<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\SidecarUnavailable;

/** One attempt by one user to sign in, as the service sees it. */
final class Login
{
    /**
     * @param string $id a secret while the login is pending
     * @param string|null $reason why no factor was asked for
     * @param list<LoginMethod> $methods the preferred one first
     * @param list<Method> $enrollable
     * @param int|null $retryAfter seconds until a locked user may try again
     * @param Delivery|null $sentCode the code that is on its way for this login, to answer it or to set up its method
     * @param array<string, string> $knownDestinations masked, by method: what the host says of the user
     * @param int $trustedDeviceDays days; 0: "Trust this browser" is not offered
     * @param \DateTimeImmutable|null $graceEndsAt until when the user may go on without an authenticator
     * @param int|null $recoveryCodesRemaining after a login that a recovery code passed
     * @param list<string> $amr RFC 8176 names of what was proven; empty: nothing was
     * @param list<string> $recoveryCodes shown once, in the answer that confirmed the first authenticator
     */
    private function __construct(
        public readonly string $id,
        public readonly string $userId,
        public readonly Purpose $purpose,
        public readonly LoginStatus $status,
        public readonly ?string $reason,
        public readonly \DateTimeImmutable $createdAt,
        public readonly \DateTimeImmutable $expiresAt,
        public readonly array $methods,
        public readonly array $enrollable,
        public readonly ?int $attemptsRemaining,
        public readonly ?int $retryAfter,
        public readonly ?Method $method,
        public readonly array $amr,
        public readonly bool $enrolledNow,
        public readonly array $recoveryCodes,
        public readonly ?TrustedDevice $trustedDevice,
        public readonly ?Delivery $sentCode,
        public readonly array $knownDestinations,
        public readonly int $trustedDeviceDays,
        public readonly ?\DateTimeImmutable $graceEndsAt,
        public readonly ?int $recoveryCodesRemaining,
    ) {
    }

    /** @throws SidecarUnavailable when this is no login of the contract */
    public static function fromPayload(Payload $payload): self
    {
        $device = $payload->objectOrNull('trusted_device');
        $sent = $payload->objectOrNull('sent_code');
        return new self(
            self::id($payload),
            $payload->object('user')->string('id'),
            Purpose::tryFrom($payload->string('purpose')) ?? throw $payload->wrong('purpose'),
            LoginStatus::tryFrom($payload->string('status')) ?? throw $payload->wrong('status'),
            $payload->stringOrNull('reason'),
            $payload->time('created_at'),
            $payload->time('expires_at'),
            array_values(array_filter(array_map(LoginMethod::fromPayload(...), $payload->objects('methods')))),
            array_values(array_filter(array_map(Method::tryFrom(...), $payload->strings('enrollable')))),
            $payload->intOrNull('attempts_remaining'),
            $payload->intOrNull('retry_after'),
            Method::tryFrom($payload->stringOrNull('method') ?? ''),
            $payload->strings('amr'),
            $payload->bool('enrolled_now'),
            $payload->stringsOrNone('recovery_codes'),
            $device === null ? null : TrustedDevice::fromPayload($device),
            $sent === null ? null : Delivery::fromPayload($sent),
            $payload->stringMap('known_destinations'),
            $payload->intOrNull('trusted_device_days') ?? 0,
            $payload->timeOrNull('grace_ends_at'),
            $payload->intOrNull('recovery_codes_remaining'),
        );
    }

    public function offers(Method $method): bool
    {
        return $this->find($method) !== null;
    }

    /** @param string|null $authenticatorId null: the first of this method */
    public function find(Method $method, ?string $authenticatorId = null): ?LoginMethod
    {
        foreach ($this->methods as $offered) {
            $isIt = $authenticatorId === null || $offered->authenticatorId === $authenticatorId;
            if ($offered->method === $method && $isIt) {
                return $offered;
            }
        }
        return null;
    }

    public function __debugInfo(): array
    {
        return ['userId' => $this->userId, 'purpose' => $this->purpose, 'status' => $this->status];
    }

    /** The id goes into paths: what could not be random text of the service is not from it. */
    private static function id(Payload $payload): string
    {
        $id = $payload->string('id');
        return preg_match('/\A[A-Za-z0-9._~-]{16,255}\z/', $id) ? $id : throw $payload->wrong('id');
    }
}
