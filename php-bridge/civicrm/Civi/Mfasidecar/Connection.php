<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Flow\Administration;

/**
 * Where the service is, and the two keys.
 *
 * # Design
 *
 * A constant in civicrm.settings.php wins over what was saved on the page, and never enters CiviCRM's settings, where
 * other extensions and API clients could read it. What was saved is sealed with CiviCRM's credential key.
 *
 * The login path asks for `bridge()` only. `administration()` is for administration pages, its API actions and the
 * forgetting of deleted users: a weakness in a page that everybody reaches must not lay open the key that removes
 * authenticators.
 */
final class Connection
{
    public const URL = 'mfasidecar_url';
    public const BRIDGE_KEY = 'mfasidecar_bridge_key';
    public const ADMIN_KEY = 'mfasidecar_admin_key';

    private const CONSTANTS = [
        self::URL => 'MFA_SIDECAR_URL',
        self::BRIDGE_KEY => 'MFA_SIDECAR_BRIDGE_KEY',
        self::ADMIN_KEY => 'MFA_SIDECAR_ADMIN_KEY',
    ];

    /** @throws Misconfigured */
    public static function bridge(): Client
    {
        return self::client(self::url(), self::key(self::BRIDGE_KEY));
    }

    public static function administration(): Administration
    {
        return new Administration(
            static fn (): Client => self::asSignedIn(self::client(self::url(), self::key(self::ADMIN_KEY))),
            Sentences::log(...),
        );
    }

    /** Who acts goes into the service's audit log. */
    public static function asSignedIn(Client $client): Client
    {
        $actor = Accounts::signedIn();
        return $actor === null ? $client : $client->actingAs((string) $actor);
    }

    /** @throws Misconfigured */
    public static function client(string $url, #[\SensitiveParameter] string $key): Client
    {
        if ($url === '' || $key === '') {
            throw new Misconfigured('the address of the service or a key is not set');
        }
        try {
            return new Client(new Transport($url, $key));
        } catch (\InvalidArgumentException $error) {
            throw new Misconfigured($error->getMessage());
        }
    }

    public static function url(): string
    {
        return self::constant(self::URL) ?? trim((string) \Civi::settings()->get(self::URL));
    }

    /** Set in civicrm.settings.php: the page cannot change it. */
    public static function isFixed(string $setting): bool
    {
        return self::constant($setting) !== null;
    }

    public static function isSet(string $setting): bool
    {
        return self::isFixed($setting) || (string) \Civi::settings()->get($setting) !== '';
    }

    /** @return string empty when there is none, or it does not open, as after a change of CiviCRM's credential key */
    public static function key(string $setting): string
    {
        $constant = self::constant($setting);
        if ($constant !== null) {
            return $constant;
        }
        $sealed = (string) \Civi::settings()->get($setting);
        try {
            return $sealed === '' ? '' : \Civi::service('crypto.token')->decrypt($sealed, ['plain', 'CRED']);
        } catch (\Exception) {
            Sentences::log("mfa-sidecar: the setting $setting does not open with CiviCRM's credential key");
            return '';
        }
    }

    public static function save(string $setting, #[\SensitiveParameter] string $value): void
    {
        $isKey = $setting !== self::URL;
        \Civi::settings()->set($setting, $isKey ? \Civi::service('crypto.token')->encrypt($value, 'CRED') : $value);
    }

    public static function forget(): void
    {
        foreach (array_keys(self::CONSTANTS) as $setting) {
            \Civi::settings()->revert($setting);
        }
    }

    private static function constant(string $setting): ?string
    {
        $name = self::CONSTANTS[$setting];
        return defined($name) ? trim((string) constant($name)) : null;
    }
}
