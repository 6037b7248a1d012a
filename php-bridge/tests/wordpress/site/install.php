<?php

/**
 * Installs WordPress for a test or a demonstration: tables, users, the plugin. Reads what is wanted as JSON from
 * standard input.
 */

declare(strict_types=1);

$wanted = json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR);
$_SERVER['HTTP_HOST'] = parse_url($wanted['url'], PHP_URL_HOST) . ':' . parse_url($wanted['url'], PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
define('WP_INSTALLING', true);
require $wanted['root'] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

// Nothing leaves the computer.
add_filter('pre_wp_mail', '__return_true');
wp_install('Harbour', 'admin', 'admin@harbour.example', true, '', "admin-{$wanted['secret']}");
update_option('siteurl', $wanted['url']);
update_option('home', $wanted['url']);
update_option('permalink_structure', '');
// The page that asks whether the address for mail is right would come up in between.
update_option('admin_email_lifespan', time() + YEAR_IN_SECONDS);
foreach ($wanted['users'] as $name => $role) {
    $id = wp_insert_user([
        'user_login' => $name,
        'user_pass' => "$name-{$wanted['secret']}",
        'user_email' => "$name@harbour.example",
        'display_name' => ucfirst($name),
        'role' => $role,
    ]);
    is_int($id) || exit("user $name: " . $id->get_error_message());
}
if ($wanted['multisite']) {
    foreach ($wpdb->tables('ms_global') as $table => $name) {
        $wpdb->$table = $name;
    }
    install_network();
    $result = populate_network(1, $_SERVER['HTTP_HOST'], 'admin@harbour.example', 'Harbour network', '/', false);
    is_wp_error($result) && !in_array($result->get_error_code(), ['no_wildcard_dns'], true)
        && exit('network: ' . $result->get_error_message());
} elseif ($wanted['activate']) {
    $error = activate_plugin('mfa-sidecar/mfa-sidecar.php');
    is_wp_error($error) && exit('plugin: ' . $error->get_error_message());
}
echo 'installed';
