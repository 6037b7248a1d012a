<?php

/**
 * Small stand-ins for what the WordPress plugin's parts ask of WordPress. State is in $GLOBALS['standIn'].
 */

declare(strict_types=1);

class WP_User
{
    /** @param list<string> $roles */
    public function __construct(
        public int $ID = 0,
        public string $user_login = '',
        public string $user_pass = '',
        public array $roles = [],
        public string $user_email = '',
    ) {
    }
}

class WP_Error
{
    /** @var array<string, string> */
    public array $errors = [];

    public function add(string $code, string $message): void
    {
        $this->errors[$code] = $message;
    }
}

class WP_Session_Tokens
{
    private function __construct(private int $userId)
    {
    }

    public static function get_instance(int $userId): self
    {
        return new self($userId);
    }

    public function get(string $token): ?array
    {
        return $GLOBALS['standIn']['sessions'][$this->userId][$token] ?? null;
    }

    public function update(string $token, array $session): void
    {
        $GLOBALS['standIn']['sessions'][$this->userId][$token] = $session;
    }
}

class wpdb
{
    public string $base_prefix = 'wp_';
    public string $options = 'wp_options';
    public string $sitemeta = 'wp_sitemeta';
    public string $last_error = '';

    public function prepare(string $query, mixed ...$values): string
    {
        return vsprintf(str_replace('%s', "'%s'", $query), $values);
    }

    /** How many of the rows there are that the query names; they may be others than the options that can be read. */
    public function get_var(string $query): ?string
    {
        $GLOBALS['standIn']['queries'][] = $query;
        $this->last_error = $GLOBALS['standIn']['databaseError'] ?? '';
        if ($this->last_error !== '' || ($GLOBALS['standIn']['isDatabaseGone'] ?? false)) {
            return null;
        }
        $names = $GLOBALS['standIn']['rows'] ?? array_keys($GLOBALS['standIn']['options'] ?? []);
        return (string) count(array_filter($names, static fn (string $name): bool => str_contains($query, "'$name'")));
    }
}

function get_current_network_id(): int
{
    return 1;
}

function get_site_transient(string $name): mixed
{
    return $GLOBALS['standIn']['transients'][$name] ?? false;
}

function set_site_transient(string $name, mixed $value, int $seconds): bool
{
    if ($GLOBALS['standIn']['isReadOnly'] ?? false) {
        return false;
    }
    $GLOBALS['standIn']['transients'][$name] = $value;
    return true;
}

function delete_site_transient(string $name): void
{
    unset($GLOBALS['standIn']['transients'][$name]);
}

function get_site_option(string $name, mixed $default = false): mixed
{
    return $GLOBALS['standIn']['options'][$name] ?? $default;
}

function update_site_option(string $name, mixed $value): bool
{
    $GLOBALS['standIn']['options'][$name] = $value;
    return true;
}

function delete_site_option(string $name): bool
{
    unset($GLOBALS['standIn']['options'][$name]);
    return true;
}

function is_multisite(): bool
{
    return $GLOBALS['standIn']['isNetwork'] ?? false;
}

function is_super_admin(int $userId): bool
{
    return in_array($userId, $GLOBALS['standIn']['superAdmins'] ?? [], true);
}

function get_user_meta(int $userId): array
{
    return $GLOBALS['standIn']['meta'][$userId] ?? [];
}

function maybe_unserialize(string $value): mixed
{
    return @unserialize($value, ['allowed_classes' => false]);
}

function get_user_locale(WP_User $user): string
{
    return 'de_DE';
}

function determine_locale(): string
{
    return $GLOBALS['standIn']['locale'] ?? 'en_US';
}

function wp_unslash(string $value): string
{
    return stripslashes($value);
}

function esc_html(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

function get_current_user_id(): int
{
    return $GLOBALS['standIn']['currentUser'] ?? 0;
}

function wp_get_session_token(): string
{
    return $GLOBALS['standIn']['sessionToken'] ?? '';
}
