<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** The pages of self-service; the value is the `view` of their address. */
enum View: string
{
    case Overview = 'overview';
    case Add = 'add';
    case Rename = 'rename';
    case Remove = 'remove';
    case RecoveryCodes = 'recovery-codes';
    case Disable = 'disable';

    /** @param array<mixed> $query of the page's address */
    public static function of(array $query): self
    {
        return self::tryFrom(is_string($query['view'] ?? null) ? $query['view'] : '') ?? self::Overview;
    }

    /** Leads to a change of what protects the account: the host asks who is there before it shows the page. */
    public function needsConfirmation(): bool
    {
        return match ($this) {
            self::Add, self::Remove, self::RecoveryCodes, self::Disable => true,
            self::Overview, self::Rename => false,
        };
    }
}
