<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\WordPress\Words;

/**
 * Why somebody is back at the sign-in form. It comes by the address, because nothing is kept of a login that ended; so
 * only these sentences can be shown, whoever made the address.
 */
final class SignInMessage
{
    public const PARAMETER = 'mfa-message';

    private const KEYS = [
        'error.unavailable',
        'error.misconfigured',
        'error.login_expired',
        'error.too_many_attempts',
        'error.already_enrolled',
        'error.step_up_failed',
        'error.step_up_expired',
    ];

    /** @return string|null the sentence, as text */
    public static function requested(): ?string
    {
        $key = $_GET[self::PARAMETER] ?? null;
        return in_array($key, self::KEYS, true) ? Words::current()->text($key) : null;
    }

    /** Filter wp_login_errors. It is no failed login: no plugin that counts those hears of it. */
    public static function add(mixed $errors): mixed
    {
        $sentence = self::requested();
        if ($sentence !== null && $errors instanceof \WP_Error) {
            $errors->add('mfa_sidecar', esc_html($sentence));
        }
        return $errors;
    }
}
