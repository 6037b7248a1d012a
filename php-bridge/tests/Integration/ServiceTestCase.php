<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Tests\Support\MemoryStore;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\PostOffice;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** Tests against the real service: one for the class, with another user in each test. */
abstract class ServiceTestCase extends TestCase
{
    protected static Service $service;
    protected static PostOffice $postOffice;
    protected Client $bridge;
    protected Client $admin;
    protected MemoryStore $store;
    protected LoginFlow $flow;
    protected User $user;

    public static function setUpBeforeClass(): void
    {
        self::$postOffice = new PostOffice();
        self::$service = new Service(static::overUnixSocket(), self::$postOffice->environment);
        self::$service->admin()->changePolicy(PolicyChoice::TotpRequired->toChange(), null);
    }

    public static function tearDownAfterClass(): void
    {
        self::$service->stop();
        self::$postOffice->close();
    }

    protected function setUp(): void
    {
        $this->bridge = self::$service->bridge();
        $this->admin = self::$service->admin()->actingAs('1');
        $this->store = new MemoryStore();
        $this->flow = $this->browser($this->store);
        $this->user = new User('user-' . bin2hex(random_bytes(6)), 'alice', roles: ['member'], credentialVersion: '1');
    }

    abstract protected static function overUnixSocket(): bool;

    protected function browser(MemoryStore $store): LoginFlow
    {
        return new LoginFlow($this->bridge, $store, static fn (string $line) => self::fail($line));
    }

    protected function begin(): LoginStep
    {
        return $this->flow->begin($this->user, new Visitor('192.0.2.7', "Browser\xff"));
    }

    /** @return array{Phone, list<string>} the phone and the recovery codes */
    protected function enroll(): array
    {
        $step = $this->begin();
        self::assertSame(Stage::Enroll, $step->stage);
        $phone = new Phone($step->enrollment->secret);
        $step = $this->flow->confirm($phone->code());
        self::assertSame(Stage::Passed, $step->stage);
        self::assertSame($this->user->id, $step->passedUserId);
        return [$phone, $step->login->recoveryCodes];
    }
}
