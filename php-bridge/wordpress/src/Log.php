<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

/** One line for the host's log when something went wrong in the plugin itself. */
final class Log
{
    public static function note(\Throwable $error): void
    {
        // The message can quote what was given to a function; its place says enough to find the cause.
        error_log(sprintf(
            'mfa-sidecar: %s in %s:%d%s',
            $error::class,
            basename($error->getFile()),
            $error->getLine(),
            $error instanceof \InvalidArgumentException ? ': ' . $error->getMessage() : '',
        ));
    }
}
