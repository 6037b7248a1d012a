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
 * A key is sealed together with the address that it was saved for, and is none at another: who can change the setting
 * with the address cannot have the keys sent there. A site without a credential key seals nothing, and this holds less.
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

    /** @return string empty when there is none, it does not open, or it was saved for another address */
    public static function key(string $setting): string
    {
        $constant = self::constant($setting);
        if ($constant !== null) {
            return $constant;
        }
        $sealed = (string) \Civi::settings()->get($setting);
        if ($sealed === '') {
            return '';
        }
        try {
            $bound = json_decode(Seal::open($sealed), true, 2, JSON_THROW_ON_ERROR);
        } catch (\Exception) {
            Sentences::log("mfa-sidecar: the setting $setting does not open with CiviCRM's credential key");
            return '';
        }
        $key = is_array($bound) && ($bound['url'] ?? null) === self::url() ? $bound['key'] ?? null : null;
        if (!is_string($key)) {
            Sentences::log("mfa-sidecar: the setting $setting was saved for another address: enter the key again");
            return '';
        }
        return $key;
    }

    /** A key is bound to the address that is stored by then: save that first. */
    public static function save(string $setting, #[\SensitiveParameter] string $value): void
    {
        if ($setting !== self::URL) {
            $value = Seal::close(json_encode(['url' => self::url(), 'key' => $value], JSON_THROW_ON_ERROR));
        }
        \Civi::settings()->set($setting, $value);
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
