<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

/**
 * Where the service is and how it is asked.
 *
 * A constant in wp-config.php wins over the database, whether it is empty or not: who has the file decides. Each value
 * is an option of its own, so that a login does not load the admin key. On a network they are the network's. Each is
 * stored in an array, because WordPress' own list of all options (options.php) shows strings in clear and lets them be
 * changed.
 */
final class Settings
{
    public const URL = 'mfa_sidecar_url';
    public const BRIDGE_KEY = 'mfa_sidecar_bridge_key';
    public const ADMIN_KEY = 'mfa_sidecar_admin_key';
    public const APPLICATION_PASSWORDS = 'mfa_sidecar_application_passwords';

    public const ALL = [self::URL, self::BRIDGE_KEY, self::ADMIN_KEY, self::APPLICATION_PASSWORDS];

    private const VALUE = 'value';

    /**
     * Before anything is set the plugin changes nothing, else switching it on would lock everybody out. From the first
     * value on nobody gets in without the service.
     */
    public function isSetUp(): bool
    {
        foreach ([self::URL, self::BRIDGE_KEY] as $name) {
            if ($this->isFixed($name) || $this->get($name) !== '') {
                return true;
            }
        }
        return $this->isPerhapsStored(self::URL, self::BRIDGE_KEY);
    }

    public function url(): string
    {
        return $this->get(self::URL);
    }

    public function bridgeKey(): string
    {
        return $this->get(self::BRIDGE_KEY);
    }

    /** Only for administration pages and for users who are deleted. */
    public function adminKey(): string
    {
        return $this->get(self::ADMIN_KEY);
    }

    /**
     * They are credentials of their own, made by somebody who was signed in; an administrator can do without them. Who
     * has written anything but "allowed" has meant to.
     */
    public function allowsApplicationPasswords(): bool
    {
        $value = $this->read(self::APPLICATION_PASSWORDS);
        return $value === 'allowed' || ($value === null && !$this->isPerhapsStored(self::APPLICATION_PASSWORDS));
    }

    /** Whether wp-config.php says it, so that the page cannot. */
    public function isFixed(string $name): bool
    {
        return defined(strtoupper($name));
    }

    public function save(string $name, #[\SensitiveParameter] string $value): void
    {
        if ($value === '') {
            delete_site_option($name);
            return;
        }
        update_site_option($name, [self::VALUE => $value]);
    }

    /**
     * WordPress says "there is no such option" also when it could not read it, and the gate would stand open. So
     * nothing counts as not set before the database itself has said so.
     */
    private function isPerhapsStored(string ...$names): bool
    {
        global $wpdb;
        $places = implode(', ', array_fill(0, count($names), '%s'));
        $query = is_multisite()
            ? $wpdb->prepare(
                "SELECT COUNT(*) FROM $wpdb->sitemeta "
                    . "WHERE site_id = %d AND meta_key IN ($places) AND meta_value <> ''",
                get_current_network_id(),
                ...$names,
            )
            : $wpdb->prepare(
                "SELECT COUNT(*) FROM $wpdb->options WHERE option_name IN ($places) AND option_value <> ''",
                ...$names,
            );
        $count = $wpdb->get_var($query);
        return $wpdb->last_error !== '' || !is_numeric($count) || (int) $count !== 0;
    }

    private function get(string $name): string
    {
        $value = $this->read($name);
        return is_string($value) ? $value : '';
    }

    /** @return mixed whatever was written there; null: nothing */
    private function read(string $name): mixed
    {
        if ($this->isFixed($name)) {
            // A constant that is null is there, too.
            return constant(strtoupper($name)) ?? '';
        }
        $stored = get_site_option($name, null);
        // A string is what a command line has set.
        return is_array($stored) ? $stored[self::VALUE] ?? '' : $stored;
    }
}
