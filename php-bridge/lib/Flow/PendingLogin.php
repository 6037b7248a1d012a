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
     * @param bool $isReplacement a factor was proven, and another is to be set up before the login passes
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
        public readonly Choice $choice = new Choice(),
        public readonly bool $isReplacement = false,
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
            // What was chosen to prove a factor says nothing about what is to be set up after it.
            $stage === $this->stage ? $this->choice : new Choice(),
            $this->isReplacement || ($stage === Stage::Enroll && $this->stage === Stage::Challenge),
        );
    }

    public function choosing(Choice $choice): self
    {
        return new self(
            $this->loginId,
            $this->userId,
            $this->userName,
            $this->purpose,
            $this->stage,
            $this->expiresAt,
            $this->clockOffset,
            $choice,
            $this->isReplacement,
        );
    }

    /** @return array<string, string|int|null> for a store that keeps scalars */
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
            'isReplacement' => (int) $this->isReplacement,
        ] + $this->choice->toArray();
    }

    /** @param array<string, string|int|null> $fields of toArray() */
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
            Choice::fromArray($fields),
            (bool) ($fields['isReplacement'] ?? false),
        );
    }

    public function __debugInfo(): array
    {
        return ['userId' => $this->userId, 'purpose' => $this->purpose, 'stage' => $this->stage];
    }
}
