<?php

declare(strict_types=1);

namespace Civi\Authx;

class AuthenticatorTarget
{
    public function __construct(public string $credType)
    {
    }
}
