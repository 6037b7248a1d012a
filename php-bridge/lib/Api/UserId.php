<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\InvalidUserId;

/** The rules for the host's user ids. */
final class UserId
{
    private const MAX_BYTES = 1020;

    /**
     * Refuses what the service refuses, before the call: curl would resolve `.` and `..` in the path,
     * and the call would reach another user or another route.
     *
     * @throws InvalidUserId
     */
    public static function check(string $id): string
    {
        $valid = strlen($id) <= self::MAX_BYTES
            && preg_match('/\A.{1,255}\z/us', $id) === 1
            && preg_match('/\p{Cc}|\A[\p{Z}\s]|[\p{Z}\s]\z/u', $id) === 0
            && $id !== '.'
            && $id !== '..';
        return $valid ? $id : throw new InvalidUserId('the user id is empty, too long or not allowed');
    }
}
