<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

/** CiviCRM's entrance to its services. */
class Civi
{
    /** @var array<string, mixed> */
    public static array $statics = [];
    private static ?\Civi\Core\Dispatcher $dispatcher = null;

    public static function settings(): \Civi\Core\SettingsBag
    {
        return new \Civi\Core\SettingsBag();
    }

    public static function dispatcher(): \Civi\Core\Dispatcher
    {
        if (self::$dispatcher === null) {
            self::$dispatcher = new \Civi\Core\Dispatcher();
            // Core finds them by scanning the extension for services.
            self::$dispatcher->addSubscriber(new \Civi\Mfasidecar\LoginGuard());
            self::$dispatcher->addSubscriber(new \Civi\Mfasidecar\UserListTask());
        }
        return self::$dispatcher;
    }

    public static function service(string $name): object
    {
        return match ($name) {
            'crypto.token' => new \Civi\Core\CryptoToken(),
        };
    }

    public static function resources(): \Civi\Core\Resources
    {
        return new \Civi\Core\Resources();
    }

    public static function log(): object
    {
        return new class {
            public function error(string $message): void
            {
                World::log($message);
            }
        };
    }
}
