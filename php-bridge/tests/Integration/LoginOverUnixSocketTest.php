<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

final class LoginOverUnixSocketTest extends LoginTest
{
    protected static function overUnixSocket(): bool
    {
        return true;
    }
}
