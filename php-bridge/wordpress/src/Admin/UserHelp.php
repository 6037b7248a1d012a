<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Words;

/** What an administrator does for one user: remove a lost authenticator, lift a lock. Asked first, then done by a POST. */
final class UserHelp
{
    public const REMOVE = 'mfa-remove';
    public const UNLOCK = 'mfa-unlock';

    public function __construct(private readonly Service $service)
    {
    }

    public function register(): void
    {
        add_action('load-users.php', $this->handle(...));
        add_action('admin_notices', Log::quietly($this->showNotice(...)));
        add_action('network_admin_notices', Log::quietly($this->showNotice(...)));
    }

    /** Not for oneself: one's own authenticator is removed on the page Security, by proving it. */
    public static function isAllowed(\WP_User $user): bool
    {
        return $user->ID !== get_current_user_id()
            && current_user_can('edit_users')
            && current_user_can('edit_user', $user->ID);
    }

    public static function url(string $action, \WP_User $user): string
    {
        return add_query_arg(['action' => $action, 'user' => $user->ID], self::listUrl());
    }

    /** Action load-users.php, before the list is made. */
    public function handle(): void
    {
        $action = $_GET['action'] ?? null;
        if (!in_array($action, [self::REMOVE, self::UNLOCK], true)) {
            return;
        }
        $user = get_user_by('id', absint($_GET['user'] ?? 0));
        if (!$user instanceof \WP_User || !self::isAllowed($user)) {
            wp_die(esc_html__('You are not allowed to change this user.', 'mfa-sidecar'), '', ['response' => 403]);
        }
        if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
            $this->ask($action, $user);
        }
        check_admin_referer("$action-$user->ID");
        $this->do($action, $user);
    }

    /** Actions admin_notices and network_admin_notices, on the list of users. */
    public function showNotice(): void
    {
        $notice = self::notices()[$_GET['mfa-done'] ?? ''] ?? null;
        $user = get_user_by('id', absint($_GET['mfa-user'] ?? 0));
        if (($GLOBALS['pagenow'] ?? '') !== 'users.php' || $notice === null || !$user instanceof \WP_User) {
            return;
        }
        [$isGood, $key] = $notice;
        printf(
            '<div class="notice is-dismissible %s" data-testid="%s"><p>%s</p></div>',
            $isGood ? 'notice-success' : 'notice-error',
            $isGood ? 'notice' : 'error',
            esc_html(Words::current()->text($key, ['user' => $user->display_name])),
        );
    }

    private function do(string $action, \WP_User $user): never
    {
        $key = 'admin.failed';
        try {
            $administration = $this->service->administration();
            $step = $action === self::REMOVE
                ? $administration->removeAuthenticators((string) $user->ID, $user->display_name)
                : $administration->unlock((string) $user->ID, $user->display_name);
            $key = $step->message->key;
        } catch (\Throwable $error) {
            Log::note($error);
        }
        $done = array_search($key, array_column(self::notices(), 1), true);
        $name = array_keys(self::notices())[$done === false ? 0 : $done];
        wp_safe_redirect(add_query_arg(['mfa-done' => $name, 'mfa-user' => $user->ID], self::listUrl()), 303);
        exit;
    }

    private function ask(string $action, \WP_User $user): never
    {
        $words = Words::current();
        $name = ['user' => $user->display_name];
        $isRemoval = $action === self::REMOVE;
        header('X-Frame-Options: DENY');
        // users.php takes its heading from it.
        $GLOBALS['title'] = $isRemoval ? $words->text('remove.title', $name) : $words->text('users.unlock_for', $name);
        require_once ABSPATH . 'wp-admin/admin-header.php';
        printf(
            '<div class="wrap" data-testid="page" data-page="%s"><h1>%s</h1>',
            esc_attr($action),
            esc_html($GLOBALS['title']),
        );
        if ($isRemoval) {
            printf(
                '<p>%s</p><p><strong>%s</strong></p>',
                esc_html($words->text('remove.intro', $name)),
                esc_html($words->text('remove.warning', $name)),
            );
        }
        printf('<form method="post" action="%s">', esc_url(self::url($action, $user)));
        wp_nonce_field("$action-$user->ID");
        printf(
            '<p class="submit"><button class="button button-primary" data-testid="confirm">%s</button> '
                . '<a class="button" href="%s" data-testid="cancel">%s</a></p></form></div>',
            esc_html($words->text($isRemoval ? 'remove.confirm' : 'users.unlock')),
            esc_url(self::listUrl()),
            esc_html($isRemoval ? $words->text('remove.cancel') : __('Cancel', 'mfa-sidecar')),
        );
        require_once ABSPATH . 'wp-admin/admin-footer.php';
        exit;
    }

    /** @return array<string, array{bool, string}> by their name in the address: whether it is good, and the sentence */
    private static function notices(): array
    {
        return [
            'failed' => [false, 'admin.failed'],
            'misconfigured' => [false, 'admin.misconfigured'],
            'removed' => [true, 'users.removed'],
            'nothing' => [true, 'users.nothing_removed'],
            'unlocked' => [true, 'users.unlocked'],
        ];
    }

    private static function listUrl(): string
    {
        return is_network_admin() ? network_admin_url('users.php') : admin_url('users.php');
    }
}
