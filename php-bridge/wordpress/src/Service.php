<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Flow\Administration;

/** The service, by the key that the caller may use. */
final class Service
{
    public function __construct(private readonly Settings $settings)
    {
    }

    /** For logins and for what people do with their own authenticators. */
    public function bridge(): Client
    {
        return new Client(new Transport($this->settings->url(), $this->settings->bridgeKey()));
    }

    /** For administration pages: names the administrator who is signed in. */
    public function administration(): Administration
    {
        return new Administration($this->admin()->actingAs((string) get_current_user_id()));
    }

    /** For a user who was deleted, by whomever. */
    public function housekeeping(): Administration
    {
        return new Administration($this->admin());
    }

    public function admin(): Client
    {
        return new Client(new Transport($this->settings->url(), $this->settings->adminKey()));
    }
}
