<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

final class AdministrationOverUnixSocketTest extends AdministrationTest
{
    protected static function overUnixSocket(): bool
    {
        return true;
    }
}
