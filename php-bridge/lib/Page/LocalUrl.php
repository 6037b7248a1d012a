<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/** Return addresses come from the client; only a path on this host is followed. */
final class LocalUrl
{
    /** @return string the same path, or the fallback where a browser could leave the host by it */
    public static function accept(mixed $url, string $fallback = '/'): string
    {
        // Browsers read "//host" and "/\host" as another host, and drop tabs and line breaks before they look.
        $local = is_string($url) && preg_match('~\A/(?![/\\\\])[\x21-\x5b\x5d-\x7e]*\z~', $url) === 1;
        return $local ? $url : $fallback;
    }
}
