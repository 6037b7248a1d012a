<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Flow\Proof;
use MfaSidecar\Page\Csrf;

/**
 * What the extension keeps in CiviCRM's session of one browser.
 *
 * Whatever it says about a user names that user, and is nothing for another: a session can be signed out of and into.
 */
final class BrowserSession
{
    /** How long the password counts as asked for, on the pages of self-service. */
    private const CONFIRMED_SECONDS = 300;
    /** How long recovery codes wait for the person to say that they are saved. */
    private const CODES_SECONDS = 600;
    private const SCOPE = 'mfasidecar';

    public static function get(string $name): mixed
    {
        return \CRM_Core_Session::singleton()->get($name, self::SCOPE);
    }

    public static function set(string $name, #[\SensitiveParameter] mixed $value): void
    {
        \CRM_Core_Session::singleton()->set($name, $value, self::SCOPE);
    }

    /**
     * For what is worth something to whoever reads CiviCRM's database, where sessions lie.
     *
     * @param array<mixed>|null $value null: nothing any more
     */
    public static function setSealed(string $name, #[\SensitiveParameter] ?array $value): void
    {
        self::set($name, $value === null ? null : Seal::close(json_encode($value, JSON_THROW_ON_ERROR)));
    }

    /** @return array<mixed>|null null as well where it does not open, as after a change of CiviCRM's credential key */
    public static function getSealed(string $name): ?array
    {
        $sealed = self::get($name);
        try {
            $value = is_string($sealed) ? json_decode(Seal::open($sealed), true, 8, JSON_THROW_ON_ERROR) : null;
        } catch (\Exception) {
            return null;
        }
        return is_array($value) ? $value : null;
    }

    /**
     * Another identifier for this browser's session: one that was planted before the password, or before the second
     * factor, is worth nothing after it.
     */
    public static function renew(): void
    {
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_regenerate_id(true);
        }
        self::set('csrf', Csrf::newSecret());
    }

    public static function csrf(): Csrf
    {
        $secret = self::get('csrf');
        if (!is_string($secret)) {
            $secret = Csrf::newSecret();
            self::set('csrf', $secret);
        }
        return new Csrf($secret);
    }

    public static function proof(int $userId): ?Proof
    {
        $fields = self::get('proof');
        $proof = is_array($fields) ? Proof::fromArray($fields) : null;
        return $proof?->userId === (string) $userId ? $proof : null;
    }

    public static function keepProof(?Proof $proof): void
    {
        self::set('proof', $proof?->toArray());
    }

    /** The person has just given the password once more. */
    public static function confirm(int $userId): void
    {
        self::set('confirmed', ['user' => $userId, 'at' => time()]);
    }

    public static function isConfirmed(int $userId): bool
    {
        $confirmed = self::get('confirmed');
        $age = is_array($confirmed) ? time() - $confirmed['at'] : -1;
        return $age >= 0 && $age <= self::CONFIRMED_SECONDS && $confirmed['user'] === $userId;
    }

    /**
     * New recovery codes, until the person says that they are saved: a reload or a closed lid does not cost them. A
     * browser that is left alone does not keep them, though.
     *
     * @param list<string> $codes
     */
    public static function keepRecoveryCodes(int $userId, #[\SensitiveParameter] array $codes): void
    {
        self::setSealed('codes', ['user' => $userId, 'codes' => $codes, 'at' => time()]);
    }

    /** @return list<string> empty when there are none of this user, or none any more */
    public static function recoveryCodes(int $userId): array
    {
        self::forgetOldRecoveryCodes();
        $kept = self::getSealed('codes');
        return $kept !== null && $kept['user'] === $userId ? $kept['codes'] : [];
    }

    public static function forgetOldRecoveryCodes(): void
    {
        $kept = self::getSealed('codes');
        $age = $kept === null ? -1 : time() - $kept['at'];
        if ($age < 0 || $age > self::CODES_SECONDS) {
            self::forgetRecoveryCodes();
        }
    }

    public static function forgetRecoveryCodes(): void
    {
        self::set('codes', null);
    }
}
