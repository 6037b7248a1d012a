<?php

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

// Pages never show a cause; the server's log does.
ini_set('display_errors', '0');
ini_set('log_errors', '1');

try {
    Demo\App::answer(new Demo\Config(), Demo\Request::fromGlobals())->send();
} catch (Throwable $cause) {
    error_log((string) $cause);
    http_response_code(500);
    header('Content-Type: text/plain; charset=utf-8');
    echo 'Something went wrong on this site. The cause is in its log.';
}
