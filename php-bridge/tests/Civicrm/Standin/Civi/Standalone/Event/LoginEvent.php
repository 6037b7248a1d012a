<?php

declare(strict_types=1);

namespace Civi\Standalone\Event;

use Civi\Core\Event\GenericHookEvent;

/** Told at each stage of a login. */
class LoginEvent extends GenericHookEvent
{
    public function __construct(public string $stage, public ?int $userID, public ?string $stopReason = null)
    {
    }
}
