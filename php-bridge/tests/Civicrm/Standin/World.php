<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm\Standin;

/** What CiviCRM keeps in its database, and how it finds its classes, for one test. */
final class World
{
    private const EXTENSION = __DIR__ . '/../../../civicrm';

    private static string $directory;

    public static function boot(string $directory): void
    {
        self::$directory = $directory;
        spl_autoload_register(static function (string $class): void {
            // PSR-4 and PSR-0 of the extension's info.xml, and the same for the stand-ins.
            $path = str_starts_with($class, 'CRM_') ? strtr($class, '_', '/') : strtr($class, '\\', '/');
            foreach ([__DIR__, self::EXTENSION] as $root) {
                if (is_file("$root/$path.php")) {
                    require_once "$root/$path.php";
                    return;
                }
            }
        });
        require_once __DIR__ . '/functions.php';
        require_once __DIR__ . '/clock.php';
        foreach (self::state()['constants'] ?? [] as $name => $value) {
            define($name, $value);
        }
        require_once self::EXTENSION . '/mfasidecar.php';
    }

    /** @return array<string, mixed> */
    public static function state(): array
    {
        return json_decode((string) file_get_contents(self::$directory . '/state.json'), true, 64, JSON_THROW_ON_ERROR);
    }

    /** @param \Closure(array<string, mixed>): array<string, mixed> $change */
    public static function change(\Closure $change): void
    {
        $state = $change(self::state());
        file_put_contents(self::$directory . '/state.json', json_encode($state, JSON_THROW_ON_ERROR));
    }

    public static function log(string $line): void
    {
        file_put_contents(self::$directory . '/civicrm.log', "$line\n", FILE_APPEND);
    }

    /** @return array<string, mixed> name, page and permission of each path in the extension's menu file */
    public static function menu(): array
    {
        $menu = [];
        foreach (simplexml_load_file(self::EXTENSION . '/xml/Menu/mfasidecar.xml')->item as $item) {
            $menu[(string) $item->path] = [(string) $item->page_callback, (string) $item->access_arguments];
        }
        return $menu;
    }

    public static function templates(): string
    {
        return self::EXTENSION . '/templates';
    }
}
