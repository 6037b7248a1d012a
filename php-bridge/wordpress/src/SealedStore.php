<?php

declare(strict_types=1);

namespace MfaSidecar\WordPress;

/**
 * Values that wait for one browser, in site transients.
 *
 * The browser holds a random token; the database holds only its hash, and the value sealed with a key that is made from
 * it. Who reads the database, or a backup of it, finds neither a pending login nor somebody's recovery codes.
 */
final class SealedStore
{
    /** Every transient of the plugin begins so, and is gone when the plugin is. */
    public const PREFIX = 'mfa_sidecar_';

    public function __construct(private readonly string $name)
    {
    }

    /** @return array<string, mixed>|null */
    public function get(#[\SensitiveParameter] string $token): ?array
    {
        $sealed = get_site_transient($this->key($token));
        $bytes = is_string($sealed) ? base64_decode($sealed, true) : false;
        if ($bytes === false || strlen($bytes) <= SODIUM_CRYPTO_SECRETBOX_NONCEBYTES) {
            return null;
        }
        $json = sodium_crypto_secretbox_open(
            substr($bytes, SODIUM_CRYPTO_SECRETBOX_NONCEBYTES),
            substr($bytes, 0, SODIUM_CRYPTO_SECRETBOX_NONCEBYTES),
            $this->seal($token),
        );
        $value = $json === false ? null : json_decode($json, true);
        return is_array($value) ? $value : null;
    }

    /** @param array<string, mixed> $value */
    public function put(#[\SensitiveParameter] string $token, #[\SensitiveParameter] array $value, int $seconds): void
    {
        $nonce = random_bytes(SODIUM_CRYPTO_SECRETBOX_NONCEBYTES);
        // Addresses in it are as the browser sent them.
        $json = json_encode($value, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
        $sealed = base64_encode($nonce . sodium_crypto_secretbox($json, $nonce, $this->seal($token)));
        if (!set_site_transient($this->key($token), $sealed, $seconds)) {
            throw new \RuntimeException("the database did not take the $this->name");
        }
    }

    public function delete(#[\SensitiveParameter] string $token): void
    {
        delete_site_transient($this->key($token));
    }

    private function key(#[\SensitiveParameter] string $token): string
    {
        return self::PREFIX . $this->name . '_' . hash('sha256', "$this->name $token");
    }

    private function seal(#[\SensitiveParameter] string $token): string
    {
        return hash_hmac('sha256', "seal $this->name", $token, true);
    }
}
