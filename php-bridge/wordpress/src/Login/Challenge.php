<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Service;
use MfaSidecar\WordPress\SiteUser;
use MfaSidecar\WordPress\Words;

/** Asks the service about somebody whose password was right, and lets them go on or leads them to the second step. */
final class Challenge
{
    public function __construct(
        private readonly Service $service,
        private readonly ParkedLogins $parked,
    ) {
    }

    /** @return LoginStep only one that has passed; every other way ends the request */
    public function meet(\WP_User $user, LoginContext $context): LoginStep
    {
        $this->parked->expect($context);
        $flow = new LoginFlow($this->service->bridge(), $this->parked);
        $step = $flow->begin(SiteUser::of($user), SiteUser::visitor(), trustedDevice: TrustedBrowser::token());
        $this->parked->say($step->error);
        return match ($step->stage) {
            Stage::Passed => $this->passed($step, $user),
            Stage::Enroll, Stage::Challenge => self::leave(
                LoginPage::url([], $context->isInterim),
                __('A second step is needed to sign in. Please go on on the login page.', 'mfa-sidecar'),
                403,
            ),
            Stage::Over, Stage::Blocked => self::deny($step->error, $step->httpStatus(), $context),
        };
    }

    /**
     * An error returned to WordPress would count as a failed login for plugins that lock out, although the password was
     * right and nobody failed. So it is a redirect.
     */
    public static function deny(Message $why, int $status, ?LoginContext $context = null): never
    {
        self::leave(LoginPage::signInUrl($why, $context), Words::current()->of($why), $status);
    }

    /** Ends a request that is no page in the form that its caller understands. */
    public static function die(string $sentence, int $status, ?string $url = null): never
    {
        $link = $url === null ? [] : ['link_url' => esc_url($url), 'link_text' => esc_html__('Log in', 'mfa-sidecar')];
        wp_die(esc_html($sentence), '', ['response' => $status, 'code' => 'mfa_sidecar'] + $link);
        // A handler of another plugin may come back.
        exit;
    }

    private function passed(LoginStep $step, \WP_User $user): LoginStep
    {
        if ($step->passedUserId !== (string) $user->ID) {
            throw new \UnexpectedValueException('the login that passed is of another user');
        }
        TrustedBrowser::remember($step->login->trustedDevice);
        return $step;
    }

    /** @param string $sentence for a script, which could not follow */
    private static function leave(string $url, string $sentence, int $status): never
    {
        if (self::isScript() || headers_sent()) {
            self::die($sentence, $status, $url);
        }
        LoginPage::redirect($url);
    }

    private static function isScript(): bool
    {
        $isApi = (defined('XMLRPC_REQUEST') && XMLRPC_REQUEST) || (defined('REST_REQUEST') && REST_REQUEST);
        return $isApi || wp_doing_ajax() || wp_is_json_request();
    }
}
