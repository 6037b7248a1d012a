<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Api4\Setting;

/** Core's own settings about multi-factor authentication. They alone decide whether core asks us at a login. */
final class CoreSetting
{
    /** The short name of `Civi\Standalone\MFA\Sidecar`. */
    public const NAME = 'Sidecar';

    private const ENABLED = 'standalone_mfa_enabled';
    private const REMEMBER = 'standalone_mfa_remember';

    /** Core asks the service at each login. */
    public static function isOurs(): bool
    {
        return in_array(self::NAME, self::enabled(), true);
    }

    /** Core asks the service in some domain of this installation: all of them have the same extensions. */
    public static function isOursInAnyDomain(): bool
    {
        $settings = Setting::get(false)->setDomainId('all')->addSelect(self::ENABLED)->execute();
        $names = array_map(self::names(...), array_column((array) $settings, 'value'));
        return in_array(self::NAME, array_merge(...$names), true);
    }

    /** @return list<string> the other methods that core would take, one of them perhaps before ours */
    public static function others(): array
    {
        return array_values(array_diff(self::enabled(), [self::NAME]));
    }

    /** Days for which core skips every method by a token of its own, which nobody can revoke; 0: never. */
    public static function rememberDays(): int
    {
        return (int) \Civi::settings()->get(self::REMEMBER);
    }

    /** Ours alone: with two methods the client of core's login could choose the weaker one. */
    public static function enable(): void
    {
        \Civi::settings()->set(self::ENABLED, [self::NAME]);
        // The trusted browsers of the service take its place.
        \Civi::settings()->set(self::REMEMBER, 0);
    }

    public static function disable(): void
    {
        \Civi::settings()->set(self::ENABLED, self::others());
    }

    /**
     * For core's own page with this setting, and for its API.
     *
     * @param mixed $value the list that is to be stored
     * @throws \CRM_Core_Exception
     */
    public static function validate(mixed $value): bool
    {
        if (is_array($value) && in_array(self::NAME, $value, true) && count($value) > 1) {
            throw new \CRM_Core_Exception(ts(
                'The method "%1" asks for every second step itself and cannot be combined with another. Choose it '
                    . 'alone.',
                ['domain' => 'mfasidecar', 1 => self::NAME],
            ));
        }
        return true;
    }

    /** @return list<string> */
    private static function enabled(): array
    {
        return self::names(\Civi::settings()->get(self::ENABLED));
    }

    /** @return list<string> */
    private static function names(mixed $enabled): array
    {
        // Core's default for this setting is an empty text.
        return is_array($enabled) ? array_values(array_map(strval(...), $enabled)) : [];
    }
}
