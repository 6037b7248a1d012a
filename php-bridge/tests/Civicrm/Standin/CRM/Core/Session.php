<?php

declare(strict_types=1);

/** Values of one browser, in scopes. */
class CRM_Core_Session
{
    private const KEY = 'CiviCRM';

    public static function singleton(): self
    {
        return new self();
    }

    public function get(string $name, ?string $scope = null): mixed
    {
        $values = $_SESSION[self::KEY] ?? [];
        return ($scope === null ? $values : $values[$scope] ?? [])[$name] ?? null;
    }

    public function set(string $name, mixed $value = null, ?string $scope = null): void
    {
        if ($scope === null) {
            $_SESSION[self::KEY][$name] = $value;
        } else {
            $_SESSION[self::KEY][$scope][$name] = $value;
        }
    }

    /** Shown as HTML on the next page. */
    public static function setStatus(string $text, string $title = '', string $type = 'alert'): void
    {
        $_SESSION[self::KEY]['statuses'][] = [$text, $title, $type];
    }
}
