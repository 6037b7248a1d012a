<?php

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/lib/' . str_replace('\\', '/', substr($class, strlen('MfaSidecar\\'))) . '.php';
    if (str_starts_with($class, 'MfaSidecar\\') && is_file($file)) {
        require $file;
    }
});
