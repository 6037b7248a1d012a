<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\WordPress\Settings;
use MfaSidecar\WordPress\Words;

/** Tries whether the service can be reached, and whether it takes the keys. */
final class Connection
{
    public function __construct(private readonly Settings $settings)
    {
    }

    /**
     * With what is stored, or with what somebody has typed and not stored yet.
     *
     * @return array{bool, string} whether the key is good, and a sentence
     */
    public function try(string $role, ?string $url = null, #[\SensitiveParameter] ?string $key = null): array
    {
        $isBridge = $role === ConnectionTest::BRIDGE;
        $key ??= $isBridge ? $this->settings->bridgeKey() : $this->settings->adminKey();
        if ($key === '') {
            return [false, $isBridge
                ? __('There is no bridge key yet.', 'mfa-sidecar')
                : __('There is no admin key yet.', 'mfa-sidecar')];
        }
        try {
            $transport = new Transport($url ?? $this->settings->url(), $key);
        } catch (\InvalidArgumentException) {
            return [false, __(
                'The address has to be http://…, https://… or unix:/path.sock, and a key has no spaces.',
                'mfa-sidecar',
            )];
        }
        $test = ConnectionTest::of(new Client($transport), $role);
        return [$test->isGood, Words::current()->of($test->message)];
    }
}
