<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/**
 * What the administration page does.
 *
 * # Design
 *
 * One Save changes three things: the connection, the service's rules, and core's own setting. They change in the order
 * in which a failure in between locks nobody out and lets nobody in: the new connection is tried before it is stored,
 * the rules before core asks for them, and core asks only when the key for logins was accepted a moment ago.
 */
final class Administration
{
    /** The methods that the page offers; others that the service knows stay as they are. */
    public const METHODS = ['totp', 'email', 'sms'];
    /** The drop-down's third entry: the finer rules below it decide. */
    public const CUSTOM = 'custom';
    /** As many as the service takes in one call. */
    private const ROSTER_PAGE = 200;

    /** @param int|null $actor the administrator, for the service's audit log */
    public function __construct(private readonly ?int $actor)
    {
    }

    /** @throws SidecarError */
    public function policy(): Policy
    {
        return Connection::admin($this->actor)->policy();
    }

    /**
     * How many of the people who can sign in have something set up.
     *
     * @return array{users: int, enrolled: int, locked: int}
     * @throws SidecarError
     */
    public function coverage(): array
    {
        $client = Connection::admin($this->actor);
        $ids = array_map(strval(...), array_keys(Accounts::active()));
        $now = new \DateTimeImmutable();
        $enrolled = 0;
        $locked = 0;
        foreach (array_chunk($ids, self::ROSTER_PAGE) as $page) {
            foreach ($client->usersById($page)->users as $user) {
                $enrolled += (int) $user->enrolled;
                $locked += (int) $user->isLocked($now);
            }
        }
        return ['users' => count($ids), 'enrolled' => $enrolled, 'locked' => $locked];
    }

    /**
     * Tries a connection as it is typed, stored values where nothing is.
     *
     * @param array<string, mixed> $fields of the form
     * @return list<array{ok: bool, text: string}>
     */
    public function test(#[\SensitiveParameter] array $fields): array
    {
        $labels = [
            'bridge' => ts('Key for logins', ['domain' => 'mfasidecar']),
            'admin' => ts('Key for administration', ['domain' => 'mfasidecar']),
        ];
        $results = [];
        foreach (['bridge' => Connection::BRIDGE_KEY, 'admin' => Connection::ADMIN_KEY] as $role => $setting) {
            try {
                $key = self::typedClient($fields, $setting)->ping();
                $ok = in_array($role, $key->roles, true);
                $text = $ok
                    ? ts('Accepted. Site “%1”, roles %2, version %3 of the service.', [
                        'domain' => 'mfasidecar',
                        1 => $key->site,
                        2 => implode(', ', $key->roles),
                        3 => $key->serviceVersion,
                    ])
                    : ts('Accepted, but it has not the role “%1”.', ['domain' => 'mfasidecar', 1 => $role]);
            } catch (SidecarError $error) {
                Sentences::log('mfa-sidecar: ' . $error->getMessage());
                $ok = false;
                $text = self::failure($error);
            }
            $results[] = ['ok' => $ok, 'text' => "$labels[$role]: $text"];
        }
        return $results;
    }

    /**
     * @param array<string, mixed> $fields of the form
     * @return string|null what went wrong; null: everything is saved
     */
    public function save(#[\SensitiveParameter] array $fields): ?string
    {
        try {
            $isPolicyShown = self::text($fields, 'etag') !== '';
            $change = $isPolicyShown ? $this->change($fields) : null;
            if ($isPolicyShown && $change === null) {
                return ts('Please check the rules: choose at least one method, and days between 0 and 365.', [
                    'domain' => 'mfasidecar',
                ]);
            }
            $admin = self::typedClient($fields, Connection::ADMIN_KEY);
            // Who switches it off may do so because the key for logins is the trouble.
            $isOff = ($change['mode'] ?? null) === PolicyMode::Disabled->value;
            $isOff || self::check($admin, self::typedClient($fields, Connection::BRIDGE_KEY));
            if ($change !== null) {
                $admin = $this->actor === null ? $admin : $admin->actingAs((string) $this->actor);
                $policy = $admin->changePolicy($change, self::text($fields, 'etag'));
            }
        } catch (SidecarError $error) {
            Sentences::log('mfa-sidecar: ' . $error->getMessage());
            return self::notSaved($error);
        }
        self::saveConnection($fields);
        if (isset($policy)) {
            $policy->mode === PolicyMode::Disabled ? CoreSetting::disable() : CoreSetting::enable();
        }
        return null;
    }

    public static function failure(SidecarError $error): string
    {
        return $error instanceof Misconfigured
            ? ts('A key or the address is missing or not accepted, or a key has not the right role or is of another '
                . 'site. The cause is in the log.', ['domain' => 'mfasidecar'])
            : ts('The multi-factor service does not answer as it should. The cause is in the log.', [
                'domain' => 'mfasidecar',
            ]);
    }

    /** @throws SidecarError when logins by this connection would fail, or follow the rules of another site */
    private static function check(Client $admin, Client $bridge): void
    {
        $forAdmin = $admin->ping();
        $forLogins = $bridge->ping();
        $cause = match (true) {
            !in_array('admin', $forAdmin->roles, true) => 'the key for administration has not the role "admin"',
            !in_array('bridge', $forLogins->roles, true) => 'the key for logins has not the role "bridge"',
            $forAdmin->site !== $forLogins->site => 'the two keys belong to different sites of the service',
            default => null,
        };
        $cause === null || throw new Misconfigured($cause);
    }

    private static function notSaved(SidecarError $error): string
    {
        return match (true) {
            $error instanceof Problem && $error->isConflict() => Sentences::of(new Message('admin.conflict')),
            $error instanceof Problem && $error->isInvalid() => ts('The service does not accept these rules, so '
                . 'nothing was saved. The cause is in the log.', ['domain' => 'mfasidecar']),
            default => ts('Nothing was saved.', ['domain' => 'mfasidecar']) . ' ' . self::failure($error),
        };
    }

    /**
     * @param array<string, mixed> $fields
     * @return array<string, mixed>|null the members that PATCH changes; null: what was typed makes no rules
     * @throws SidecarError
     */
    private function change(array $fields): ?array
    {
        $days = [self::text($fields, 'grace_period_days'), self::text($fields, 'trusted_device_days')];
        foreach ($days as $text) {
            if (!ctype_digit($text) || (int) $text > 365) {
                return null;
            }
        }
        $current = $this->policy();
        $roles = array_keys(Accounts::roles());
        $finer = [
            'grace_period_days' => (int) $days[0],
            'trusted_device_days' => (int) $days[1],
            'required_roles' => self::chosen($fields, 'required_roles', $roles, $current->requiredRoles),
            'exempt_roles' => self::chosen($fields, 'exempt_roles', $roles, $current->exemptRoles),
            'self_service' => self::text($fields, 'self_service') === '1',
        ];
        $choice = self::text($fields, 'policy');
        if ($choice !== self::CUSTOM) {
            $change = PolicyChoice::tryFrom($choice)?->toChange();
            return $change === null ? null : $change + $finer;
        }
        $mode = PolicyMode::tryFrom(self::text($fields, 'mode'));
        $methods = self::chosen($fields, 'methods', self::METHODS, $current->methods);
        return in_array($mode, [PolicyMode::Optional, PolicyMode::Required], true) && $methods !== []
            ? ['mode' => $mode->value, 'methods' => $methods] + $finer
            : null;
    }

    /**
     * @param array<string, mixed> $fields
     * @param list<string> $offered by the page
     * @param list<string> $current what the page does not know, such as a role of another host of the site, stays
     * @return list<string>
     */
    private static function chosen(array $fields, string $name, array $offered, array $current): array
    {
        $typed = is_array($fields[$name] ?? null) ? $fields[$name] : [];
        return array_values([...array_intersect($offered, $typed), ...array_diff($current, $offered)]);
    }

    /**
     * @param array<string, mixed> $fields
     * @throws Misconfigured
     */
    private static function typedClient(#[\SensitiveParameter] array $fields, string $setting): Client
    {
        $typed = static fn (string $name): string => Connection::isFixed($name) ? '' : self::text($fields, $name);
        return Connection::client(
            $typed(Connection::URL) ?: Connection::url(),
            $typed($setting) ?: Connection::key($setting),
        );
    }

    /** @param array<string, mixed> $fields an empty key keeps the one that is stored */
    private static function saveConnection(#[\SensitiveParameter] array $fields): void
    {
        foreach ([Connection::URL, Connection::BRIDGE_KEY, Connection::ADMIN_KEY] as $setting) {
            $value = self::text($fields, $setting);
            if ($value !== '' && !Connection::isFixed($setting)) {
                Connection::save($setting, $value);
            }
        }
    }

    /** @param array<string, mixed> $fields */
    private static function text(#[\SensitiveParameter] array $fields, string $name): string
    {
        return is_string($fields[$name] ?? null) ? trim($fields[$name]) : '';
    }
}
