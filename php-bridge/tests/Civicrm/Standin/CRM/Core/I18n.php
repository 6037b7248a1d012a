<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

class CRM_Core_I18n
{
    public static function getLocale(): string
    {
        return World::state()['locale'] ?? 'en_US';
    }
}
