<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

require_once __DIR__ . '/World.php';
World::boot((string) getenv('STANDIN_DIR'));
