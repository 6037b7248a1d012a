<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Page\LocalUrl;
use PHPUnit\Framework\TestCase;

final class LocalUrlTest extends TestCase
{
    /** @dataProvider local */
    public function testAPathOnThisHostIsFollowed(string $url): void
    {
        self::assertSame($url, LocalUrl::accept($url));
    }

    public function local(): array
    {
        return [['/'], ['/admin/mfa'], ['/a?b=c&d=//e#f'], ['/%2F%2Fhost']];
    }

    /** @dataProvider foreign */
    public function testWhatCouldLeaveTheHostIsNot(mixed $url): void
    {
        self::assertSame('/home', LocalUrl::accept($url, '/home'));
    }

    public function foreign(): array
    {
        return [
            ['https://example.org/'], ['//example.org'], ['/\\example.org'], ["/\t/example.org"], ["/\n/example.org"],
            ['\\\\example.org'], ['javascript:alert(1)'], ['admin'], [''], [null], [['/']], ["/a\r\nSet-Cookie: b=c"],
            ['/a\\b'], [' /a'],
        ];
    }
}
