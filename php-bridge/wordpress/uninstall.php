<?php

/**
 * WordPress runs this when the plugin is deleted: nothing of it stays in the database. What the service knows of the
 * users stays there, so that the plugin can come back.
 */

declare(strict_types=1);

namespace MfaSidecar\WordPress;

use MfaSidecar\WordPress\Admin\DeletedUsers;
use MfaSidecar\WordPress\Login\SessionMark;

defined('WP_UNINSTALL_PLUGIN') || exit;

require __DIR__ . '/bridge/autoload.php';
require __DIR__ . '/autoload.php';

(static function (): void {
    global $wpdb;
    foreach ([...Settings::ALL, DeletedUsers::OPTION] as $option) {
        delete_site_option($option);
    }
    foreach (['_site_transient_', '_site_transient_timeout_'] as $prefix) {
        $like = $wpdb->esc_like($prefix . SealedStore::PREFIX) . '%';
        $table = is_multisite() ? $wpdb->sitemeta : $wpdb->options;
        $column = is_multisite() ? 'meta_key' : 'option_name';
        // The names of table and column are fixed above.
        $names = $wpdb->get_col($wpdb->prepare("SELECT $column FROM $table WHERE $column LIKE %s", $like));
        array_map('delete_site_option', $names);
    }
    wp_unschedule_hook(DeletedUsers::EVENT);
    $like = '%' . $wpdb->esc_like(SessionMark::KEY) . '%';
    $userIds = $wpdb->get_col($wpdb->prepare(
        "SELECT user_id FROM $wpdb->usermeta WHERE meta_key = 'session_tokens' AND meta_value LIKE %s",
        $like,
    ));
    foreach ($userIds as $userId) {
        $sessions = get_user_meta((int) $userId, 'session_tokens', true);
        if (is_array($sessions)) {
            // The person stays signed in: only our mark goes.
            update_user_meta((int) $userId, 'session_tokens', array_map(
                static fn (mixed $session): mixed => is_array($session)
                    ? array_diff_key($session, [SessionMark::KEY => null])
                    : $session,
                $sessions,
            ));
        }
    }
})();
