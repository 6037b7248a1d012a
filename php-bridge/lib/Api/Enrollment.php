<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/**
 * What the person needs to set up an authenticator.
 *
 * For an app: secret, link and picture. For an address or a number: where the code went and when it may be sent again.
 */
final class Enrollment
{
    /**
     * @param string|null $secret base32, unpadded
     * @param string|null $destination masked
     * @param int|null $resendAfter seconds
     * @param string|null $id in self-service; a login has one enrolment only, which needs no name
     */
    public function __construct(
        public readonly Method $method,
        public readonly \DateTimeImmutable $expiresAt,
        #[\SensitiveParameter]
        public readonly ?string $secret,
        #[\SensitiveParameter]
        public readonly ?string $otpauthUri,
        #[\SensitiveParameter]
        public readonly ?string $qrSvg,
        public readonly ?string $destination,
        public readonly ?int $resendAfter,
        public readonly ?string $id = null,
    ) {
    }

    public static function fromPayload(Payload $payload, Method $asked): self
    {
        $isApp = $asked === Method::Totp;
        $uri = $isApp ? $payload->string('otpauth_uri') : null;
        // It becomes a link on the page: no other scheme may.
        if ($uri !== null && !str_starts_with($uri, 'otpauth://')) {
            throw $payload->wrong('otpauth_uri');
        }
        return new self(
            $asked,
            $payload->time('expires_at'),
            $isApp ? $payload->string('secret') : null,
            $uri,
            $isApp ? $payload->string('qr_svg') : null,
            $payload->stringOrNull('destination'),
            $payload->intOrNull('resend_after'),
            $payload->stringOrNull('id'),
        );
    }

    /** The set-up of an address or number whose code is on its way. */
    public static function of(Delivery $sent, ?string $id = null): self
    {
        return new self(
            $sent->method,
            $sent->expiresAt,
            null,
            null,
            null,
            $sent->destination,
            $sent->resendAfter,
            $id,
        );
    }

    /** The secret as a person types it: in groups of four. */
    public function groupedSecret(): string
    {
        return trim(chunk_split($this->secret ?? '', 4, ' '));
    }

    public function __debugInfo(): array
    {
        return ['method' => $this->method, 'expiresAt' => $this->expiresAt];
    }
}
