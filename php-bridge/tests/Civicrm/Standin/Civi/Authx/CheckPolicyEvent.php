<?php

declare(strict_types=1);

namespace Civi\Authx;

class CheckPolicyEvent extends \Civi\Core\Event\GenericHookEvent
{
    private ?string $rejection = null;

    /** @param array<string, mixed> $policy */
    public function __construct(public array $policy, public AuthenticatorTarget $target)
    {
    }

    public function reject(string $message): void
    {
        $this->rejection = $message;
    }

    public function getRejection(): ?string
    {
        return $this->rejection;
    }
}
