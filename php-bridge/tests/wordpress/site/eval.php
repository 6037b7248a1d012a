<?php

/** Runs PHP from standard input within WordPress, as somebody with a shell could, and prints what it returns as JSON. */

declare(strict_types=1);

[, $root, $url, $path] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($url, PHP_URL_HOST) . (($port = parse_url($url, PHP_URL_PORT)) ? ":$port" : '');
$_SERVER['REQUEST_URI'] = $path;
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$code = (string) stream_get_contents(STDIN);
define('WP_ADMIN', true);
require "$root/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/admin.php';
echo json_encode((static fn (): mixed => eval($code))(), JSON_THROW_ON_ERROR);
