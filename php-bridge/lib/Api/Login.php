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
     * @param list<LoginMethod> $methods
     * @param list<Method> $enrollable
     * @param int|null $retryAfter seconds until a locked user may try again
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
    ) {
    }

    /** @throws SidecarUnavailable when this is no login of the contract */
    public static function fromPayload(Payload $payload): self
    {
        $device = $payload->objectOrNull('trusted_device');
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
        );
    }

    public function offers(Method $method): bool
    {
        foreach ($this->methods as $offered) {
            if ($offered->method === $method) {
                return true;
            }
        }
        return false;
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
