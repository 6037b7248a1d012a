<?php

declare(strict_types=1);

// Creates the demo's users, or gives them the passwords of the environment. Running it again changes nothing more.

require __DIR__ . '/../autoload.php';

$directory = (new Demo\Config())->dataDirectory();
is_dir($directory) || mkdir($directory, 0700, true);
$accounts = new Demo\Accounts($directory . '/users.json');

$users = [
    ['1', 'admin', 'Ada Admin', 'administrator'],
    ['2', 'alice', 'Alice', 'member'],
    ['3', 'bob', 'Bob', 'member'],
];
foreach ($users as [$id, $name, $displayName, $role]) {
    $given = getenv('DEMO_' . strtoupper($name) . '_PASSWORD');
    $accounts->put($id, $name, $displayName, $role, $given ?: "$name-demo");
    echo $name, ': ', $given ? 'password from the environment' : "$name-demo", "\n";
}
