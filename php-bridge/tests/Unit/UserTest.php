<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use PHPUnit\Framework\TestCase;

final class UserTest extends TestCase
{
    public function testWhatPeopleTypedIntoTheirProfileKeepsNobodyOut(): void
    {
        $request = (new User('42', "a\nb\0" . str_repeat('ü', 300), '', "+1\n"))->toRequest();
        self::assertStringStartsWith('a b ü', $request['name']);
        self::assertSame(255, preg_match_all('/./us', $request['name']));
        self::assertArrayNotHasKey('email', $request);
        self::assertArrayNotHasKey('phone', $request);
        self::assertSame('42', (new User('42', ''))->toRequest()['name']);
        self::assertSame('42', (new User('42', "\xff"))->toRequest()['name']);
    }

    public function testWhatDecidesSomethingGoesAsItIs(): void
    {
        $request = (new User('42', 'alice', 'a@example.org', '+15550100', [], 'v1'))->toRequest();
        self::assertSame([
            'name' => 'alice',
            'email' => 'a@example.org',
            'phone' => '+15550100',
            'roles' => [],
            'credential_version' => 'v1',
        ], $request);
        self::assertArrayNotHasKey('roles', (new User('42', 'alice'))->toRequest());
    }

    public function testTheLanguageIsSentAsATagAndAnOddOneNotAtAll(): void
    {
        $sent = static fn (string $locale): ?string
            => (new User('42', 'alice', locale: $locale))->toRequest()['locale'] ?? null;
        self::assertSame('de-AT', $sent('de_AT.UTF-8'));
        self::assertSame('de', $sent('de'));
        self::assertNull($sent("de\nX: y"));
        self::assertNull($sent(''));
        self::assertNull($sent(str_repeat('a-', 40)));
    }

    public function testABinaryCredentialVersionIsTheHostsMistake(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new User('42', 'alice', credentialVersion: "\xff\xfe");
    }

    public function testAVisitorWithoutAnAddressIsNoReasonToFail(): void
    {
        self::assertSame(['ip' => '2001:db8::1'], (new Visitor('2001:db8::1', ''))->toRequest());
        self::assertSame([], (new Visitor('unix:', null))->toRequest());
        self::assertSame([], (new Visitor())->toRequest());
        self::assertSame(512, strlen((new Visitor(null, str_repeat('x', 9999)))->toRequest()['user_agent']));
    }
}
