<?php

declare(strict_types=1);

namespace Demo;

/** The demo's settings; the only reader of the environment. */
final class Config
{
    public function serviceUrl(): string
    {
        return getenv('MFA_SIDECAR_URL') ?: 'http://127.0.0.1:8787';
    }

    /** For logins. */
    public function bridgeKey(): string
    {
        return $this->key('MFA_SIDECAR_BRIDGE_KEY');
    }

    /** For the administration pages, and asked for nowhere else. */
    public function adminKey(): string
    {
        return $this->key('MFA_SIDECAR_ADMIN_KEY');
    }

    /** @throws \RuntimeException when it is not set */
    public function dataDirectory(): string
    {
        return getenv('DEMO_DATA_DIR') ?: throw new \RuntimeException('Set DEMO_DATA_DIR to a directory for the demo.');
    }

    /** Where the demonstration's post office keeps what the service sends. */
    public function postOfficeFile(): string
    {
        return $this->dataDirectory() . '/messages.jsonl';
    }

    /** @return string empty when not set: the service then answers that it knows no such key, and nobody gets in */
    private function key(string $name): string
    {
        $file = getenv($name . '_FILE');
        return trim($file ? (string) @file_get_contents($file) : (string) getenv($name));
    }
}
