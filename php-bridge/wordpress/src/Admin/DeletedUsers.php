<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\Settings;

/**
 * Forgets deleted users at the service, so that a new one with the same number inherits nothing. Whom the service could
 * not be told of it is told of later.
 */
final class DeletedUsers
{
    /** Numbers of users who are still to be forgotten. */
    public const OPTION = 'mfa_sidecar_to_forget';
    public const EVENT = 'mfa_sidecar_forget';

    public function __construct(
        private readonly Settings $settings,
        private readonly Service $service,
    ) {
    }

    public function register(): void
    {
        add_action('deleted_user', Log::quietly($this->forget(...)));
        add_action(self::EVENT, Log::quietly($this->catchUp(...)));
    }

    /** Action deleted_user. On a network it also fires for a user who only leaves a site. */
    public function forget(mixed $userId): void
    {
        clean_user_cache((int) $userId);
        if (get_user_by('id', (int) $userId) === false) {
            $this->tell([(int) $userId, ...self::waiting()]);
        }
    }

    /** The scheduled event. */
    public function catchUp(): void
    {
        $this->tell(self::waiting());
    }

    /** @param list<int> $userIds */
    private function tell(array $userIds): void
    {
        $left = [];
        foreach (array_unique($userIds) as $userId) {
            // One that is not answered is enough: the others would wait as long.
            if ($left !== [] || !$this->isForgotten($userId)) {
                $left[] = $userId;
            }
        }
        if ($left !== []) {
            update_site_option(self::OPTION, $left);
            wp_next_scheduled(self::EVENT) || wp_schedule_single_event(time() + HOUR_IN_SECONDS, self::EVENT);
        } elseif (self::waiting() !== []) {
            delete_site_option(self::OPTION);
        }
    }

    private function isForgotten(int $userId): bool
    {
        try {
            return $this->settings->adminKey() !== '' && $this->service->housekeeping()->forget((string) $userId);
        } catch (\Throwable $error) {
            Log::note($error);
            return false;
        }
    }

    /** @return list<int> */
    private static function waiting(): array
    {
        $waiting = get_site_option(self::OPTION, []);
        return is_array($waiting) ? array_values(array_map('intval', $waiting)) : [];
    }
}
