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

    /** Tells the service once the user is gone for good: core's hook comes inside of a transaction, which can fail. */
    public static function afterCommit(int $userId): void
    {
        if (\CRM_Core_Transaction::isActive()) {
            $phase = \CRM_Core_Transaction::PHASE_POST_COMMIT;
            \CRM_Core_Transaction::addCallback($phase, [self::class, 'forget'], [$userId]);
        } else {
            self::forget($userId);
        }
    }

    public static function forget(int $userId): void
    {
        if (!self::tell($userId)) {
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
        while ($waiting !== [] && self::tell($waiting[0])) {
            array_shift($waiting);
        }
        \Civi::settings()->set(self::SETTING, $waiting);
    }

    /** @return bool nothing is left to be done: the service was told, or the user is there, still or again */
    private static function tell(int $userId): bool
    {
        // A transaction within the one that was committed can have been taken back, and a backup can be played in.
        return Accounts::find($userId) !== null || Connection::administration()->forget((string) $userId);
    }

    /** @return list<int> deleted users of whom the service may still know something */
    public static function waiting(): array
    {
        $waiting = \Civi::settings()->get(self::SETTING);
        return is_array($waiting) ? array_values(array_map(intval(...), $waiting)) : [];
    }
}
