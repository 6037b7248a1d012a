<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress\Admin;

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
        $key ??= $role === ConnectionTest::BRIDGE ? $this->settings->bridgeKey() : $this->settings->adminKey();
        $test = ConnectionTest::with($url ?? $this->settings->url(), $key, $role);
        return [$test->isGood, Words::current()->of($test->message)];
    }
}
