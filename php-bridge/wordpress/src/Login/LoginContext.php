<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\WordPress\SiteUser;

/** What the password form was asked for, kept until the second factor is proven. */
final class LoginContext
{
    /**
     * @param string $redirectTo as the client sent it; only wp_safe_redirect() follows it
     * @param bool|string $secure as wp_set_auth_cookie() takes it
     * @param bool $isInterim in the frame that asks for a new login over a page that is being edited
     * @param string $credentialVersion of the password that was proven
     */
    public function __construct(
        public readonly string $redirectTo,
        public readonly bool $remember,
        public readonly bool|string $secure,
        public readonly bool $isInterim,
        public readonly bool $isCustomizer,
        public readonly string $credentialVersion,
    ) {
    }

    public static function ofRequest(\WP_User $user, bool $remember, bool|string $secure): self
    {
        $redirectTo = $_REQUEST['redirect_to'] ?? null;
        if (!is_string($redirectTo) || $redirectTo === '') {
            // A login form elsewhere on the site leads back to its page.
            $redirectTo = self::isLoginPage() ? '' : (wp_get_referer() ?: '');
        }
        return new self(
            wp_unslash($redirectTo),
            $remember,
            $secure,
            isset($_REQUEST['interim-login']),
            isset($_REQUEST['customize-login']),
            SiteUser::credentialVersion($user),
        );
    }

    /** @return array<string, string|bool> */
    public function toArray(): array
    {
        return get_object_vars($this);
    }

    /** @param array<string, string|bool> $fields of toArray() */
    public static function fromArray(array $fields): self
    {
        return new self(...$fields);
    }

    private static function isLoginPage(): bool
    {
        return ($GLOBALS['pagenow'] ?? '') === 'wp-login.php';
    }
}
