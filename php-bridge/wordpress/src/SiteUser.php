<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;

/** What the service is told about a user and their browser. */
final class SiteUser
{
    /** Network administrators have no role of that name; the policy can name them by this one. */
    public const SUPER_ADMIN = 'super_admin';

    public static function of(\WP_User $user): User
    {
        return new User(
            // The login name can be changed and given to somebody else; the number cannot.
            (string) $user->ID,
            $user->user_login,
            $user->user_email,
            null,
            self::roles($user),
            self::credentialVersion($user),
            get_user_locale($user),
        );
    }

    public static function visitor(): Visitor
    {
        return new Visitor(
            is_string($_SERVER['REMOTE_ADDR'] ?? null) ? $_SERVER['REMOTE_ADDR'] : null,
            is_string($_SERVER['HTTP_USER_AGENT'] ?? null) ? wp_unslash($_SERVER['HTTP_USER_AGENT']) : null,
        );
    }

    /** Changes with the password and tells nothing about it. */
    public static function credentialVersion(\WP_User $user): string
    {
        return hash('sha256', 'credential version ' . $user->user_pass);
    }

    /**
     * On a network a session opens every site, so the roles on all of them count: else somebody could sign in on a site
     * where they have none.
     *
     * @return list<string>
     */
    private static function roles(\WP_User $user): array
    {
        if (!is_multisite()) {
            return array_values($user->roles);
        }
        global $wpdb;
        $key = '/\A' . preg_quote($wpdb->base_prefix, '/') . '(\d+_)?capabilities\z/';
        $roles = is_super_admin($user->ID) ? [self::SUPER_ADMIN => true] : [];
        foreach (get_user_meta($user->ID) as $name => $values) {
            $given = preg_match($key, (string) $name) === 1 ? maybe_unserialize($values[0]) : [];
            $roles += array_filter(is_array($given) ? $given : []);
        }
        return array_map('strval', array_keys($roles));
    }
}
