<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Tests\Civicrm\Standin\World;

/** The extension's clock, which a test can move. */
function time(): int
{
    return \time() + (World::state()['clock'] ?? 0);
}
