<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** A site's rules, with the version that a change must name. */
final class Policy
{
    /**
     * @param list<string> $methods names, those of a newer service included
     * @param int $gracePeriodDays days
     * @param int $trustedDeviceDays days; 0: no device is trusted
     * @param list<string> $requiredRoles
     * @param list<string> $exemptRoles
     * @param string|null $etag for `If-Match`
     * @param bool $replaceWeakSecrets whether imported secrets that are weak are replaced at a login
     */
    public function __construct(
        public readonly PolicyMode $mode,
        public readonly array $methods,
        public readonly int $gracePeriodDays = 0,
        public readonly int $trustedDeviceDays = 0,
        public readonly array $requiredRoles = [],
        public readonly array $exemptRoles = [],
        public readonly bool $selfService = true,
        public readonly ?string $etag = null,
        public readonly ?\DateTimeImmutable $updatedAt = null,
        public readonly ?string $updatedBy = null,
        public readonly bool $replaceWeakSecrets = false,
    ) {
    }

    public static function fromPayload(Payload $payload, ?string $etag): self
    {
        return new self(
            PolicyMode::tryFrom($payload->string('mode')) ?? throw $payload->wrong('mode'),
            $payload->strings('methods'),
            $payload->int('grace_period_days'),
            $payload->int('trusted_device_days'),
            $payload->strings('required_roles'),
            $payload->strings('exempt_roles'),
            $payload->bool('self_service'),
            $etag,
            $payload->timeOrNull('updated_at'),
            $payload->stringOrNull('updated_by'),
            $payload->has('replace_weak_secrets') && $payload->bool('replace_weak_secrets'),
        );
    }

    /** The whole policy, as PUT takes it. */
    public function toRequest(): array
    {
        return [
            'mode' => $this->mode->value,
            'methods' => $this->methods,
            'grace_period_days' => $this->gracePeriodDays,
            'trusted_device_days' => $this->trustedDeviceDays,
            'required_roles' => $this->requiredRoles,
            'exempt_roles' => $this->exemptRoles,
            'self_service' => $this->selfService,
            'replace_weak_secrets' => $this->replaceWeakSecrets,
        ];
    }
}
