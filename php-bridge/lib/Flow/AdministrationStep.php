<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Page\Message;

/** How something went that an administrator asked for. */
final class AdministrationStep
{
    /** @param int $httpStatus for the page that says so */
    private function __construct(
        public readonly bool $isDone,
        public readonly Message $message,
        public readonly int $httpStatus,
    ) {
    }

    public static function done(Message $notice): self
    {
        return new self(true, $notice, 200);
    }

    public static function refused(Message $error, int $httpStatus): self
    {
        return new self(false, $error, $httpStatus);
    }
}
