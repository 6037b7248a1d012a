<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\Api\RosterPage;
use MfaSidecar\Api\UserState;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Words;

/** The column "Second step" of the list of users, and what can be done there. */
final class UserList
{
    private const COLUMN = 'mfa_sidecar';

    private RosterPage|Message|null $roster = null;

    public function __construct(private readonly Service $service)
    {
    }

    public function register(): void
    {
        add_filter('manage_users_columns', Log::quietly($this->addColumn(...)));
        add_filter('wpmu_users_columns', Log::quietly($this->addColumn(...)));
        add_filter('manage_users_custom_column', Log::quietly($this->cell(...)), 10, 3);
        add_filter('user_row_actions', Log::quietly($this->addActions(...)), 10, 2);
        add_filter('ms_user_row_actions', Log::quietly($this->addActions(...)), 10, 2);
    }

    public function addColumn(mixed $columns): mixed
    {
        $isShown = is_array($columns) && current_user_can('edit_users');
        return $isShown ? $columns + [self::COLUMN => Words::current()->text('users.state')] : $columns;
    }

    public function cell(mixed $html, mixed $column, mixed $userId): mixed
    {
        if ($column !== self::COLUMN) {
            return $html;
        }
        $roster = $this->roster();
        $words = Words::current();
        if ($roster instanceof Message) {
            $state = esc_html__('Not known now', 'mfa-sidecar');
            return sprintf('<span data-testid="state-%d">%s</span>', (int) $userId, $state);
        }
        $user = $roster->find((string) $userId);
        $isEnrolled = $user?->enrolled ?? false;
        return sprintf(
            '<span data-testid="state-%d" data-state="%s">%s</span>%s',
            (int) $userId,
            $isEnrolled ? 'enrolled' : 'not-enrolled',
            esc_html($words->text($isEnrolled ? 'users.enrolled' : 'users.not_enrolled')),
            self::isLocked($user) ? sprintf(
                '<br><strong data-testid="locked-%d">%s</strong>',
                (int) $userId,
                esc_html($user->isLockedForGood()
                    ? $words->text('users.locked_for_good')
                    : $words->text('users.locked', ['time' => $user->lockedUntil->format('H:i:s')])),
            ) : '',
        );
    }

    public function addActions(mixed $actions, mixed $user): mixed
    {
        if (!is_array($actions) || !$user instanceof \WP_User || !UserHelp::isAllowed($user)) {
            return $actions;
        }
        $roster = $this->roster();
        $state = $roster instanceof RosterPage ? $roster->find((string) $user->ID) : null;
        if ($state?->enrolled ?? false) {
            $actions[UserHelp::REMOVE] = self::link(UserHelp::REMOVE, $user, 'users.remove');
        }
        if (self::isLocked($state)) {
            $actions[UserHelp::UNLOCK] = self::link(UserHelp::UNLOCK, $user, 'users.unlock');
        }
        return $actions;
    }

    private static function link(string $action, \WP_User $user, string $label): string
    {
        $words = Words::current();
        return sprintf(
            '<a href="%s" aria-label="%s" data-testid="%s-%d">%s</a>',
            esc_url(UserHelp::url($action, $user)),
            esc_attr($words->text("{$label}_for", ['user' => $user->display_name])),
            esc_attr($action),
            $user->ID,
            esc_html($words->text($label)),
        );
    }

    private static function isLocked(?UserState $user): bool
    {
        return $user?->isLocked(new \DateTimeImmutable()) ?? false;
    }

    /** One call for the page, however many users it lists. */
    private function roster(): RosterPage|Message
    {
        return $this->roster ??= $this->read();
    }

    private function read(): RosterPage|Message
    {
        try {
            $table = $GLOBALS['wp_list_table'] ?? null;
            $items = $table instanceof \WP_List_Table && is_array($table->items) ? $table->items : [];
            $users = array_filter($items, static fn (mixed $item): bool => $item instanceof \WP_User);
            $ids = array_map(static fn (\WP_User $user): string => (string) $user->ID, array_values($users));
            return $this->service->administration()->roster($ids);
        } catch (\Throwable $error) {
            Log::note($error);
            return new Message('admin.misconfigured');
        }
    }
}
