<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

/**
 * Tells the service of users who were deleted, so that a new one with the same id inherits nothing.
 *
 * An outage does not keep an administrator from deleting a user: the service is told later.
 */
final class Forgetting
{
    private const SETTING = 'mfasidecar_to_forget';

    public static function forget(int $userId): void
    {
        if (!Connection::administration()->forget((string) $userId)) {
            \Civi::settings()->set(self::SETTING, array_values(array_unique([...self::waiting(), $userId])));
        }
    }

    /** Tells those that could not be told before. */
    public static function catchUp(): void
    {
        $waiting = self::waiting();
        if ($waiting === []) {
            return;
        }
        // Each of them could take a time-out: when one fails, the next would as well.
        while ($waiting !== [] && Connection::administration()->forget((string) $waiting[0])) {
            array_shift($waiting);
        }
        \Civi::settings()->set(self::SETTING, $waiting);
    }

    /** @return list<int> deleted users of whom the service may still know something */
    public static function waiting(): array
    {
        $waiting = \Civi::settings()->get(self::SETTING);
        return is_array($waiting) ? array_values(array_map(intval(...), $waiting)) : [];
    }
}
