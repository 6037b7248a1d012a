<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit\WordPress;

use MfaSidecar\WordPress\SealedStore;

final class SealedStoreTest extends WordPressTestCase
{
    private const VALUE = ['codes' => ['3HEX-DPMF-PJG2'], 'nested' => ['at' => 1]];

    public function testOnlyTheTokenOpensWhatWasPut(): void
    {
        $store = new SealedStore('welcome');
        $store->put('token', self::VALUE, 60);
        self::assertSame(self::VALUE, $store->get('token'));
        self::assertNull($store->get('another'));
        self::assertNull((new SealedStore('login'))->get('token'), 'nor another store');
        $store->delete('token');
        self::assertNull($store->get('token'));
    }

    public function testTheDatabaseTellsNeitherTokenNorValue(): void
    {
        (new SealedStore('welcome'))->put('the-token', self::VALUE, 60);
        $stored = $GLOBALS['standIn']['transients'];
        foreach ($stored as $name => $value) {
            self::assertStringStartsWith(SealedStore::PREFIX, $name);
            foreach (['the-token', '3HEX'] as $secret) {
                self::assertStringNotContainsString($secret, $name . $value . base64_decode($value));
            }
        }
        self::assertCount(1, $stored);
    }

    /** @dataProvider spoiled */
    public function testWhatWasTamperedWithOpensToNothing(mixed $value): void
    {
        $store = new SealedStore('login');
        $store->put('token', self::VALUE, 60);
        $name = array_key_first($GLOBALS['standIn']['transients']);
        $GLOBALS['standIn']['transients'][$name] = $value;
        self::assertNull($store->get('token'));
    }

    public function spoiled(): array
    {
        return [
            'nothing' => [''],
            'no base64' => ['!'],
            'too short' => [base64_encode('short')],
            'another seal' => [base64_encode(str_repeat('a', 80))],
            'plain' => [self::VALUE],
            'null' => [null],
        ];
    }

    public function testAValueMovedToAnotherNameDoesNotOpenThere(): void
    {
        $store = new SealedStore('login');
        $store->put('mine', self::VALUE, 60);
        $store->put('yours', ['login' => 'yours'], 60);
        [$mine, $yours] = array_keys($GLOBALS['standIn']['transients']);
        $GLOBALS['standIn']['transients'][$yours] = $GLOBALS['standIn']['transients'][$mine];
        self::assertNull($store->get('yours'));
    }

    public function testBytesThatAreNoTextDoNotEndALogin(): void
    {
        $store = new SealedStore('login');
        $store->put('token', ['redirectTo' => "/a\xFF", 'at' => 1], 60);
        self::assertSame(['redirectTo' => "/a\u{FFFD}", 'at' => 1], $store->get('token'));
    }

    public function testADatabaseThatTakesNothingIsAnError(): void
    {
        $GLOBALS['standIn']['isReadOnly'] = true;
        $this->expectException(\RuntimeException::class);
        (new SealedStore('login'))->put('token', self::VALUE, 60);
    }
}
