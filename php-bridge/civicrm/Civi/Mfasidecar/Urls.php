<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Page\LocalUrl;

/** Addresses that come from the client. */
final class Urls
{
    public const HOME = '/civicrm/home';
    public const LOGIN = '/civicrm/login';

    /** @return string the address of a page of this site, without scheme and host, whether core adds them or not */
    public static function to(string $path, ?string $query = null): string
    {
        $url = \CRM_Utils_System::url($path, $query, false, null, false);
        return self::localPart($url) ?? "/$path";
    }

    /** @return string the same path, or the home page where a browser could leave the site by it */
    public static function accept(mixed $url): string
    {
        return LocalUrl::accept($url, self::HOME);
    }

    /**
     * The local part of an address: core's login page tells where it was opened with scheme and host.
     *
     * @return string|null null when there is none that may be followed
     */
    public static function localPart(?string $url): ?string
    {
        $parts = $url === null ? false : parse_url($url);
        if ($parts === false || !isset($parts['path'])) {
            return null;
        }
        $local = $parts['path']
            . (isset($parts['query']) ? '?' . $parts['query'] : '')
            . (isset($parts['fragment']) ? '#' . $parts['fragment'] : '');
        return LocalUrl::accept($local, '') ?: null;
    }
}
