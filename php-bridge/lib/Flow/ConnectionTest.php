<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/** What "Test connection" finds out about one of the host's two keys. */
final class ConnectionTest
{
    public const BRIDGE = 'bridge';
    public const ADMIN = 'admin';

    /** @param list<string> $roles of the key */
    private function __construct(
        public readonly bool $isGood,
        public readonly Message $message,
        public readonly array $roles = [],
    ) {
    }

    /**
     * @param string $role that the host needs the key for
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     */
    public static function of(Client $client, string $role, ?\Closure $log = null): self
    {
        try {
            $key = $client->ping();
        } catch (SidecarError $error) {
            ($log ?? error_log(...))('mfa-sidecar: ' . $error->getMessage());
            $isKey = $error instanceof Misconfigured;
            return new self(false, new Message($isKey ? "connection.key_$role" : 'connection.unreachable'));
        }
        return in_array($role, $key->roles, true)
            ? new self(true, new Message("connection.good_$role", [
                'site' => $key->site,
                'version' => $key->serviceVersion,
            ]), $key->roles)
            : new self(false, new Message("connection.role_$role"), $key->roles);
    }
}
