<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** The policies that an administrator picks from a drop-down. */
enum PolicyChoice: string
{
    case Disabled = 'disabled';
    case TotpRequired = 'totp-required';

    /** @return self|null null: the policy in force is finer than the drop-down, and was set elsewhere */
    public static function of(Policy $policy): ?self
    {
        return match (true) {
            $policy->mode === PolicyMode::Disabled => self::Disabled,
            $policy->mode === PolicyMode::Required && $policy->methods === [Method::Totp->value] => self::TotpRequired,
            default => null,
        };
    }

    /** @return array<string, mixed> the members that PATCH changes; the finer ones stay as they are */
    public function toChange(): array
    {
        return match ($this) {
            self::Disabled => ['mode' => PolicyMode::Disabled->value],
            self::TotpRequired => ['mode' => PolicyMode::Required->value, 'methods' => [Method::Totp->value]],
        };
    }
}
