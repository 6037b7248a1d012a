<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Policy;
use MfaSidecar\Page\Message;

/** How something went that an administrator asked for. */
final class AdministrationStep
{
    /**
     * @param int $httpStatus for the page that says so
     * @param Policy|null $policy that holds now, after a change of it
     * @param int $removed how many authenticators, after their removal
     */
    private function __construct(
        public readonly bool $isDone,
        public readonly Message $message,
        public readonly int $httpStatus,
        public readonly ?Policy $policy = null,
        public readonly int $removed = 0,
    ) {
    }

    public static function done(Message $notice, ?Policy $policy = null, int $removed = 0): self
    {
        return new self(true, $notice, 200, $policy, $removed);
    }

    public static function refused(Message $error, int $httpStatus): self
    {
        return new self(false, $error, $httpStatus);
    }
}
