<?php

/**
 * Plugin Name: What other plugins do
 *
 * A must-use plugin of the tests: it writes down which logins WordPress reports, opens sessions past the login as some
 * plugins do, and checks passwords as plugins for APIs do.
 */

declare(strict_types=1);

function other_plugin_note(string $event, mixed $detail): void
{
    $line = json_encode(['event' => $event, 'detail' => $detail]) . "\n";
    file_put_contents(WP_CONTENT_DIR . '/events.jsonl', $line, FILE_APPEND | LOCK_EX);
}

add_action('wp_login', static fn ($name) => other_plugin_note('wp_login', $name));
// A plugin for longer sessions renews the cookie at each login.
add_action('wp_login', static function ($name, $user): void {
    if (get_option('other_plugin_renews')) {
        wp_set_auth_cookie($user->ID, true);
    }
}, 10, 2);
add_action('wp_login_failed', static fn ($name) => other_plugin_note('wp_login_failed', $name));
// Nothing leaves the computer.
add_filter('pre_wp_mail', static function ($result, $mail) {
    other_plugin_note('mail', $mail['subject']);
    return true;
}, 10, 2);

// HTTP Basic with the password of the account, as plugins for development offer it.
add_filter('determine_current_user', $basic = static function ($userId) use (&$basic) {
    if (!isset($_SERVER['HTTP_X_OTHER_PLUGIN'], $_SERVER['PHP_AUTH_USER']) || $userId) {
        return $userId;
    }
    remove_filter('determine_current_user', $basic, 20);
    $user = wp_authenticate($_SERVER['PHP_AUTH_USER'], $_SERVER['PHP_AUTH_PW']);
    add_filter('determine_current_user', $basic, 20);
    return is_wp_error($user) ? $userId : $user->ID;
}, 20);

add_action('init', static function (): void {
    $who = get_user_by('login', (string) ($_REQUEST['who'] ?? ''));
    switch ($_REQUEST['other-plugin'] ?? '') {
        case 'direct':
            // A magic link, a social login.
            wp_set_current_user($who->ID);
            wp_set_auth_cookie($who->ID, true);
            do_action('wp_login', $who->user_login, $who);
            exit('signed in as ' . $who->user_login);
        case 'ajax':
            define('DOING_AJAX', true);
            wp_set_auth_cookie($who->ID);
            exit('signed in');
        case 'cheating-hook':
            // Writes the new cookie into the request's own and has it validated.
            add_action('set_logged_in_cookie', static function ($cookie): void {
                $_COOKIE[LOGGED_IN_COOKIE] = $cookie;
                wp_validate_auth_cookie($cookie, 'logged_in');
            });
            wp_set_auth_cookie($who->ID);
            exit('signed in');
        case 'token':
            // An API that gives out tokens for a password.
            $user = wp_authenticate((string) $_REQUEST['who'], (string) $_REQUEST['password']);
            exit(is_wp_error($user) ? 'refused: ' . $user->get_error_code() : 'token for ' . $user->user_login);
        case 'front-end':
            // A login form of a shop.
            $user = wp_signon([
                'user_login' => (string) $_REQUEST['who'],
                'user_password' => (string) $_REQUEST['password'],
            ]);
            exit(is_wp_error($user) ? 'refused' : 'signed in as ' . $user->user_login);
        case 'whoami':
            exit('user ' . get_current_user_id());
    }
});
