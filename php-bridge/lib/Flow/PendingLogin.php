<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Purpose;

/**
 * A login between the password and the second factor: what the host remembers for this one browser.
 *
 * It is no session: nothing but the pages of LoginFlow may take it for a reason to show anything.
 */
final class PendingLogin
{
    /**
     * @param int $expiresAt Unix time on the host's clock
     * @param int $clockOffset seconds that the service's clock is ahead of the host's
     */
    public function __construct(
        #[\SensitiveParameter]
        public readonly string $loginId,
        public readonly string $userId,
        public readonly string $userName,
        public readonly Purpose $purpose,
        public readonly Stage $stage,
        public readonly int $expiresAt,
        public readonly int $clockOffset,
    ) {
    }

    /** Follows the service: an enrolment, or a code that was sent, gives more time than the password did. */
    public function at(Stage $stage, \DateTimeImmutable $expiresAt): self
    {
        return new self(
            $this->loginId,
            $this->userId,
            $this->userName,
            $this->purpose,
            $stage,
            $expiresAt->getTimestamp() - $this->clockOffset,
            $this->clockOffset,
        );
    }

    /** @return array<string, string|int> for a store that keeps scalars */
    public function toArray(): array
    {
        return [
            'loginId' => $this->loginId,
            'userId' => $this->userId,
            'userName' => $this->userName,
            'purpose' => $this->purpose->value,
            'stage' => $this->stage->value,
            'expiresAt' => $this->expiresAt,
            'clockOffset' => $this->clockOffset,
        ];
    }

    /** @param array<string, string|int> $fields of toArray() */
    public static function fromArray(#[\SensitiveParameter] array $fields): self
    {
        return new self(
            $fields['loginId'],
            $fields['userId'],
            $fields['userName'],
            Purpose::from($fields['purpose']),
            Stage::from($fields['stage']),
            $fields['expiresAt'],
            $fields['clockOffset'],
        );
    }

    public function __debugInfo(): array
    {
        return ['userId' => $this->userId, 'purpose' => $this->purpose, 'stage' => $this->stage];
    }
}
