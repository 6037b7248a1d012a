<?php

declare(strict_types=1);

// Creates the demo's users, or gives them the passwords of the environment. Running it again changes nothing more.

require __DIR__ . '/../autoload.php';

$directory = (new Demo\Config())->dataDirectory();
is_dir($directory) || mkdir($directory, 0700, true);
$accounts = new Demo\Accounts($directory . '/users.json');

$users = [
    ['1', 'admin', 'Ada Admin', 'administrator', 'admin@harbour.example', null],
    ['2', 'alice', 'Alice', 'member', 'alice@harbour.example', '+12025550142'],
    ['3', 'bob', 'Bob', 'member', 'bob@harbour.example', null],
];
foreach ($users as [$id, $name, $displayName, $role, $email, $phone]) {
    $variable = 'DEMO_' . strtoupper($name);
    $given = getenv("{$variable}_PASSWORD");
    $email = getenv("{$variable}_EMAIL") ?: $email;
    $phone = getenv("{$variable}_PHONE") ?: $phone;
    $accounts->put($id, $name, $displayName, $role, $given ?: "$name-demo", $email, $phone);
    echo $name, ': ', $given ? 'password from the environment' : "$name-demo", "\n";
}
