<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Page\Csrf;
use PHPUnit\Framework\TestCase;

final class CsrfTest extends TestCase
{
    public function testOnlyTheTokenOfThisBrowserIsAccepted(): void
    {
        $csrf = new Csrf(Csrf::newSecret());
        self::assertTrue($csrf->accepts($csrf->token()));
        self::assertFalse($csrf->accepts((new Csrf(Csrf::newSecret()))->token()));
        self::assertFalse($csrf->accepts(''));
        self::assertFalse($csrf->accepts(null));
        self::assertFalse($csrf->accepts([$csrf->token()]));
    }

    public function testTheTokenDoesNotGiveTheSecretAway(): void
    {
        $secret = Csrf::newSecret();
        self::assertStringNotContainsString($secret, (new Csrf($secret))->token());
        self::assertStringNotContainsString($secret, print_r(new Csrf($secret), true));
    }
}
