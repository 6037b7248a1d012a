<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit\WordPress;

use PHPUnit\Framework\TestCase;

/** Tests of the WordPress plugin's parts, on stand-ins. That they fit into WordPress is shown by the stories. */
abstract class WordPressTestCase extends TestCase
{
    public static function setUpBeforeClass(): void
    {
        require_once dirname(__DIR__, 2) . '/Support/wordpress.php';
        require_once dirname(__DIR__, 3) . '/wordpress/autoload.php';
    }

    protected function setUp(): void
    {
        $GLOBALS['standIn'] = [];
        $GLOBALS['wpdb'] = new \wpdb();
        $_GET = [];
    }
}
