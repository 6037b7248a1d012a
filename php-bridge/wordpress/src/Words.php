<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

use MfaSidecar\Page\Messages;

/** The library's sentences in the language of the page. */
final class Words
{
    public static function current(): Messages
    {
        return Messages::in(Messages::negotiate(strtr(determine_locale(), '_', '-')));
    }

    /** The site's language names a country more often than the browser does. */
    public static function country(): ?string
    {
        $browser = $_SERVER['HTTP_ACCEPT_LANGUAGE'] ?? '';
        return Messages::guessCountry(is_string($browser) ? $browser : '')
            ?? Messages::guessCountry(strtr(get_locale(), '_', '-'));
    }
}
