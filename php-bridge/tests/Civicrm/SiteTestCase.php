<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\PostOffice;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** The extension against the real service: one site and one service for the class, other users in each test. */
abstract class SiteTestCase extends TestCase
{
    protected static Service $service;
    protected static PostOffice $postOffice;
    protected static Site $site;
    private static int $lastId = 1;
    protected Client $admin;

    public static function setUpBeforeClass(): void
    {
        self::$postOffice = new PostOffice();
        self::$service = new Service(settings: self::$postOffice->environment);
        self::$site = new Site();
    }

    public static function tearDownAfterClass(): void
    {
        self::$site->stop();
        self::$service->stop();
        self::$postOffice->close();
    }

    protected function setUp(): void
    {
        $this->admin = self::$service->admin();
        $this->policy(PolicyChoice::TotpRequired->toChange());
        $this->connect(self::$service->url);
        self::$site->set(['standalone_mfa_enabled' => ['Sidecar'], 'standalone_mfa_remember' => 0]);
    }

    protected function assertPostConditions(): void
    {
        $said = '/PHP (Warning|Notice|Deprecated|Fatal|Parse)/';
        self::assertDoesNotMatchRegularExpression($said, self::$site->serverLog());
    }

    /** @param array<string, mixed> $change what differs from nothing but an app */
    protected function policy(array $change): void
    {
        $this->admin->changePolicy($change + [
            'mode' => 'required',
            'methods' => ['totp'],
            'grace_period_days' => 0,
            'trusted_device_days' => 0,
            'required_roles' => [],
            'exempt_roles' => [],
            'self_service' => true,
            'replace_weak_secrets' => false,
        ], null);
    }

    protected function connect(string $url, ?string $bridgeKey = null): void
    {
        self::$site->connect($url, $bridgeKey ?? self::$service->bridgeKey, self::$service->adminKey);
    }

    /**
     * @param list<string> $roles
     * @return int the id of a user whose name is `u<id>` and whose password is `secret`
     */
    protected static function user(array $roles = ['staff']): int
    {
        $id = ++self::$lastId;
        self::$site->addUser($id, "u$id", 'secret', $roles);
        return $id;
    }

    /** @return array{Phone, list<string>, Visitor} the phone, the recovery codes, and the browser that is signed in */
    protected static function enroll(int $id): array
    {
        $visitor = self::$site->visitor();
        self::assertSame(['url' => '/civicrm/mfa/sidecar'], $visitor->password("u$id", 'secret'));
        $phone = new Phone($visitor->get('/civicrm/mfa/sidecar')->attribute('data-secret'));
        $answer = $visitor->answer(['do' => 'confirm', 'code' => $phone->code()]);
        self::assertSame('/civicrm/mfa/sidecar/recovery-codes', $answer['url']);
        $visitor->get($answer['url']);
        preg_match_all('~data-testid="recovery-code">([^<]+)<~', $visitor->body, $codes);
        return [$phone, $codes[1], $visitor];
    }

    /** @return Visitor who has given the password and is asked for the second step */
    protected static function pending(int $id): Visitor
    {
        $visitor = self::$site->visitor();
        self::assertSame(['url' => '/civicrm/mfa/sidecar'], $visitor->password("u$id", 'secret'));
        return $visitor;
    }
}
