<?php

declare(strict_types=1);

/** Only what calls when: the stand-in's database has no transactions. */
class CRM_Core_Transaction
{
    public const PHASE_POST_COMMIT = 2;

    private static bool $isActive = false;
    /** @var list<array{callable, array<mixed>}> */
    private static array $callbacks = [];

    public static function begin(): void
    {
        self::$isActive = true;
    }

    public static function commit(): void
    {
        self::$isActive = false;
        foreach (self::$callbacks as [$callback, $params]) {
            $callback(...$params);
        }
    }

    public static function isActive()
    {
        return self::$isActive;
    }

    public static function addCallback($phase, $callback, $params = null, $id = null)
    {
        self::$isActive && $phase === self::PHASE_POST_COMMIT || throw new LogicException('Nothing comes after.');
        self::$callbacks[] = [$callback, $params];
    }
}
