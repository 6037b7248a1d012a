<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

/** One line for the host's log when something went wrong in the plugin itself. */
final class Log
{
    /**
     * A hook that only informs or decorates: when something is thrown in it the page goes on without it. Hooks that let
     * somebody in do not belong here; they deny.
     *
     * @return \Closure(mixed ...): mixed
     */
    public static function quietly(\Closure $hook): \Closure
    {
        return static function (mixed ...$arguments) use ($hook): mixed {
            try {
                return $hook(...$arguments);
            } catch (\Throwable $error) {
                self::note($error);
                return $arguments[0] ?? null;
            }
        };
    }

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
