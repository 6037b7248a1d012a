<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

/** Where a login leads, by the same rules and filters as WordPress' own. */
final class AfterLogin
{
    public static function go(\WP_User $user, LoginContext $context): never
    {
        if ($context->isInterim) {
            LoginPage::showInterimSuccess($context->isCustomizer);
        }
        wp_safe_redirect(self::destination($user, $context), 303, 'mfa-sidecar');
        exit;
    }

    public static function destination(\WP_User $user, LoginContext $context): string
    {
        $redirectTo = $context->redirectTo === '' ? admin_url() : $context->redirectTo;
        if ($context->secure === true && str_contains($redirectTo, 'wp-admin')) {
            $redirectTo = (string) preg_replace('|^http://|', 'https://', $redirectTo);
        }
        $redirectTo = (string) apply_filters('login_redirect', $redirectTo, $context->redirectTo, $user);
        $redirectTo = self::withAdminEmailCheck($redirectTo, $user);
        if (!in_array($redirectTo, ['', 'wp-admin/', admin_url()], true)) {
            return wp_validate_redirect($redirectTo, admin_url());
        }
        if (is_multisite() && !get_active_blog_for_user($user->ID) && !is_super_admin($user->ID)) {
            return user_admin_url();
        }
        if (is_multisite() && !$user->has_cap('read')) {
            return get_dashboard_url($user->ID);
        }
        if (!$user->has_cap('edit_posts')) {
            return $user->has_cap('read') ? admin_url('profile.php') : home_url();
        }
        return admin_url();
    }

    /** WordPress asks administrators now and then whether the site's address for mail is still right. */
    private static function withAdminEmailCheck(string $redirectTo, \WP_User $user): string
    {
        $interval = (int) apply_filters('admin_email_check_interval', 6 * MONTH_IN_SECONDS);
        $isDue = $interval > 0 && time() > (int) get_option('admin_email_lifespan');
        if (!$isDue || !$user->has_cap('manage_options')) {
            return $redirectTo;
        }
        return add_query_arg(
            ['action' => 'confirm_admin_email', 'wp_lang' => get_user_locale($user)],
            wp_login_url($redirectTo),
        );
    }
}
