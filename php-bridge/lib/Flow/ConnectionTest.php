<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/** What "Test connection" finds out about one of the host's two keys. */
final class ConnectionTest
{
    public const BRIDGE = 'bridge';
    public const ADMIN = 'admin';

    /**
     * @param list<string> $roles of the key
     * @param string|null $site of the key; null: it opens nothing
     */
    private function __construct(
        public readonly bool $isGood,
        public readonly Message $message,
        public readonly array $roles = [],
        public readonly ?string $site = null,
    ) {
    }

    /**
     * Of an address and a key as somebody has typed them.
     *
     * @param string $role that the host needs the key for
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     */
    public static function with(
        string $url,
        #[\SensitiveParameter] string $key,
        string $role,
        ?\Closure $log = null,
    ): self {
        if ($key === '') {
            return new self(false, new Message("connection.none_$role"));
        }
        try {
            return self::of(new Client(new Transport($url, $key)), $role, $log);
        } catch (\InvalidArgumentException) {
            return new self(false, new Message('connection.malformed'));
        }
    }

    /**
     * The same for both keys, which have to be of one site: else logins would follow other rules than those shown.
     *
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     * @return list<self> of the key for logins, and of the one for administration
     */
    public static function ofBoth(
        string $url,
        #[\SensitiveParameter] string $bridgeKey,
        #[\SensitiveParameter] string $adminKey,
        ?\Closure $log = null,
    ): array {
        $bridge = self::with($url, $bridgeKey, self::BRIDGE, $log);
        $admin = self::with($url, $adminKey, self::ADMIN, $log);
        $areOfTwo = $bridge->isGood && $admin->isGood && $bridge->site !== $admin->site;
        return [$bridge, $areOfTwo ? new self(false, new Message('connection.two_sites'), $admin->roles) : $admin];
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
            ]), $key->roles, $key->site)
            : new self(false, new Message("connection.role_$role"), $key->roles, $key->site);
    }
}
