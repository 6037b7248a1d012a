<?php

declare(strict_types=1);

namespace Civi\Api4\Generic;

abstract class AbstractEntity
{
    public static function getEntityName(): string
    {
        return substr(strrchr(static::class, '\\'), 1);
    }

    /** @return array<string, list<string>> */
    public static function permissions(): array
    {
        return ['default' => ['administer CiviCRM']];
    }
}
