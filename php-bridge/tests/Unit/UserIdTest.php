<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\UserId;
use MfaSidecar\Error\InvalidUserId;
use PHPUnit\Framework\TestCase;

final class UserIdTest extends TestCase
{
    /** @dataProvider good */
    public function testAnIdOfTheHostIsTakenByteForByte(string $id): void
    {
        self::assertSame($id, UserId::check($id));
    }

    public function good(): array
    {
        return [['42'], ['...'], ['.a'], ['a+b/c%2F d'], ["e\u{301}"], [str_repeat('é', 255)], ['0']];
    }

    /** @dataProvider bad */
    public function testAnIdThatTheServiceRefusesIsRefusedBeforeTheCall(string $id): void
    {
        // Nothing listens on this port: a call would end as SidecarUnavailable.
        $client = new Client(new Transport('http://127.0.0.1:1', 'key'));
        $this->expectException(InvalidUserId::class);
        $client->unlockUser($id);
    }

    public function bad(): array
    {
        return [
            'empty' => [''],
            'this directory' => ['.'],
            'parent directory' => ['..'],
            'too long' => [str_repeat('a', 256)],
            'too many bytes' => [str_repeat("\u{1F600}", 256)],
            'white space before' => [' a'],
            'white space behind' => ["a\u{A0}"],
            'line break' => ["a\nb"],
            'line break at the end' => ["a\n"],
            'NUL' => ["a\0b"],
            'not UTF-8' => ["\xff"],
        ];
    }
}
