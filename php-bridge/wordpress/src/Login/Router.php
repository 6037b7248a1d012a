<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Login;

use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Log;

/** Action login_form_mfa: which page of wp-login.php?action=mfa is meant. */
final class Router
{
    public function __construct(
        private readonly SecondStep $secondStep,
        private readonly Confirmation $confirmation,
        private readonly WelcomePage $welcome,
    ) {
    }

    public function handle(): never
    {
        try {
            match ($_GET['view'] ?? null) {
                'confirm' => $this->confirmation->handle(),
                'welcome' => $this->welcome->handle(),
                default => $this->secondStep->handle(),
            };
        } catch (\Throwable $error) {
            Log::note($error);
            Challenge::deny(new Message('error.misconfigured'), 503);
        }
    }
}
