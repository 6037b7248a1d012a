<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

use MfaSidecar\Error\InvalidUserId;

/** What the host knows about a user and tells the service. */
final class User
{
    /**
     * @param string $id stable for life: an account's number, not its name
     * @param list<string>|null $roles null: the host has none; the policy then treats the user as required
     * @param string|null $credentialVersion opaque, changes when the password changes
     * @param string|null $locale BCP 47, the language of mails and text messages
     * @throws InvalidUserId
     */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly ?string $email = null,
        public readonly ?string $phone = null,
        public readonly ?array $roles = null,
        public readonly ?string $credentialVersion = null,
        public readonly ?string $locale = null,
    ) {
        UserId::check($id);
        foreach ([...$roles ?? [], $credentialVersion ?? ''] as $text) {
            // JSON would replace the bytes, and two values that differ could become one.
            preg_match('//u', $text) || throw new \InvalidArgumentException('Roles and version must be UTF-8 text.');
        }
    }

    /**
     * The members of a request, without those the host does not have.
     *
     * Id, roles and credential version decide something and go as they are. Name and addresses are what people typed
     * into a profile: one that the service would refuse must not keep its owner out, so it is shortened or left out.
     *
     * @return array<string, mixed>
     */
    public function toRequest(): array
    {
        return array_filter([
            'name' => self::label($this->name) ?? $this->id,
            'email' => self::address($this->email, 254),
            'phone' => self::address($this->phone, 32),
            'roles' => $this->roles,
            'credential_version' => $this->credentialVersion,
            'locale' => self::language($this->locale),
        ], static fn ($value): bool => $value !== null);
    }

    private static function label(string $text): ?string
    {
        $text = trim((string) preg_replace('/\p{Cc}+/u', ' ', $text));
        return preg_match('/\A.{1,255}/us', $text, $start) === 1 ? $start[0] : null;
    }

    /** What PHP and POSIX write, such as `de_AT.UTF-8`, names the same language. */
    private static function language(?string $locale): ?string
    {
        $tag = strtr(strtok($locale ?? '', '.@') ?: '', '_', '-');
        return preg_match('/\A[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z/', $tag) === 1 && strlen($tag) <= 35 ? $tag : null;
    }

    private static function address(?string $text, int $maxCharacters): ?string
    {
        return $text !== null && preg_match("/\\A\\P{Cc}{1,$maxCharacters}\\z/u", $text) === 1 ? $text : null;
    }
}
