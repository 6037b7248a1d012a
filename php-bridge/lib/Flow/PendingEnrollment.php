<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;

/**
 * A set-up in self-service between its beginning and its code.
 *
 * The service shows a secret once, in the answer that began the set-up. The host's session keeps it for the pages until
 * then, so that a reload or a mistyped code does not void what was scanned.
 */
final class PendingEnrollment
{
    /** @param int $keptUntil Unix time on the host's clock; the service decides when the set-up itself is over */
    public function __construct(
        public readonly string $userId,
        #[\SensitiveParameter]
        public readonly Enrollment $enrollment,
        public readonly int $keptUntil,
    ) {
    }

    /** @return array<string, string|int|null> for a store that keeps scalars */
    public function toArray(): array
    {
        return [
            'userId' => $this->userId,
            'id' => $this->enrollment->id,
            'method' => $this->enrollment->method->value,
            'expiresAt' => $this->enrollment->expiresAt->format(\DATE_RFC3339),
            'secret' => $this->enrollment->secret,
            'otpauthUri' => $this->enrollment->otpauthUri,
            'qrSvg' => $this->enrollment->qrSvg,
            'destination' => $this->enrollment->destination,
            'keptUntil' => $this->keptUntil,
        ];
    }

    /** @param array<string, string|int|null> $fields of toArray() */
    public static function fromArray(#[\SensitiveParameter] array $fields): self
    {
        return new self($fields['userId'], new Enrollment(
            Method::from($fields['method']),
            new \DateTimeImmutable($fields['expiresAt']),
            $fields['secret'],
            $fields['otpauthUri'],
            $fields['qrSvg'],
            $fields['destination'],
            null,
            $fields['id'],
        ), $fields['keptUntil']);
    }

    public function __debugInfo(): array
    {
        return ['userId' => $this->userId, 'method' => $this->enrollment->method];
    }
}
