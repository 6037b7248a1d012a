<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Tests\Support\ScriptedServer;

/** Nobody gets in, everybody reads why, and the cause is in CiviCRM's log. */
final class OutageTest extends SiteTestCase
{
    private const UNAVAILABLE = 'We cannot check your second step right now';

    /** @dataProvider strangeAnswers */
    public function testAStrangeAnswerToTheRightPasswordIsADenial(array $answer): void
    {
        $id = self::user();
        $server = new ScriptedServer($answer, $answer);
        try {
            $this->connect($server->url);
            $visitor = self::$site->visitor();
            $result = $visitor->password("u$id", 'secret');
            self::assertStringContainsString(self::UNAVAILABLE, $result['publicError']);
            self::assertArrayNotHasKey('url', $result);
            self::assertSame(0, $visitor->userId());
            self::assertSame('/civicrm/login', $visitor->get('/civicrm/mfa/sidecar')->headers['location']);
            self::assertStringContainsString('mfa-sidecar: ', self::$site->log());
        } finally {
            $server->stop();
        }
    }

    /** @return array<string, array{array<string, mixed>}> */
    public function strangeAnswers(): array
    {
        return [
            'a page' => [ScriptedServer::answer(201, '<html>passed</html>', 'text/html')],
            'an error' => [ScriptedServer::problem(500, 'internal')],
            'the database is gone' => [ScriptedServer::problem(503, 'unavailable')],
            'a success with another status' => [ScriptedServer::login(200, ['status' => 'passed'])],
            'another user' => [ScriptedServer::login(201, [
                'status' => 'passed',
                'user' => ['id' => '1', 'name' => 'x'],
            ])],
            'no login' => [ScriptedServer::answer(201, ['status' => 'passed'])],
        ];
    }

    public function testAServiceOfAnotherVersionIsForTheAdministrator(): void
    {
        $id = self::user();
        $server = new ScriptedServer(ScriptedServer::problem(404, 'not-found'));
        try {
            $this->connect($server->url);
            $visitor = self::$site->visitor();
            self::assertStringContainsString('tell the admin', $visitor->password("u$id", 'secret')['publicError']);
            self::assertSame(0, $visitor->userId());
        } finally {
            $server->stop();
        }
    }

    public function testWhoIsThereWhenTheServiceGoesAwayCanGoOnWhenItIsBack(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        $this->connect('http://127.0.0.1:1');
        $answer = $visitor->answer($phone->code(30));
        self::assertStringContainsString(self::UNAVAILABLE, $answer['publicError']);
        $visitor->get('/civicrm/mfa/sidecar');
        self::assertSame(503, $visitor->status);
        self::assertStringContainsString(self::UNAVAILABLE, $visitor->text('blocked'));
        self::assertSame(0, $visitor->userId());

        $this->connect(self::$service->url);
        self::assertSame('/civicrm/home', $visitor->answer($phone->code(30))['url']);
    }

    public function testASlowServiceIsGivenUp(): void
    {
        $id = self::user();
        $server = new ScriptedServer(ScriptedServer::hang());
        try {
            $this->connect($server->url);
            $began = hrtime(true);
            $visitor = self::$site->visitor();
            self::assertArrayHasKey('publicError', $visitor->password("u$id", 'secret'));
            self::assertLessThan(6, (hrtime(true) - $began) / 1e9);
            self::assertSame(0, $visitor->userId());
        } finally {
            $server->stop();
        }
    }

    /**
     * @dataProvider brokenConnections
     * @param array<string, string> $settings
     */
    public function testABrokenConnectionIsForTheAdministrator(?string $url, ?string $key, array $settings = []): void
    {
        $id = self::user();
        $this->connect($url ?? self::$service->url, $key);
        self::$site->set($settings);
        $visitor = self::$site->visitor();
        $answer = $visitor->password("u$id", 'secret');
        self::assertStringContainsString('tell the administrator', $answer['publicError']);
        self::assertSame(0, $visitor->userId());
    }

    /** @return array<string, array<mixed>> address, key, settings */
    public function brokenConnections(): array
    {
        return [
            'an unknown key' => [null, 'nonsense'],
            'no key' => [null, null, ['mfasidecar_bridge_key' => '']],
            'no address' => ['', null],
            'an address that is none' => ['ftp://service', null],
            'a key that no key is' => [null, "line\nbreak"],
            'a key that does not open' => [null, null, ['mfasidecar_bridge_key' => "\2CTK?CRED***"]],
            'a key that is bound to nothing' => [null, null, ['mfasidecar_bridge_key' => Site::sealed('', '')]],
        ];
    }

    public function testTheKeyIsInNoLogAndOnNoPage(): void
    {
        $this->connect('http://127.0.0.1:1');
        $id = self::user(['admin']);
        self::$site->visitor()->password("u$id", 'secret');
        $this->connect(self::$service->url);
        [, , $visitor] = self::enroll($id);
        $this->connect('http://127.0.0.1:1');
        $pages = self::$site->log() . self::$site->serverLog();
        foreach (['/civicrm/admin/mfa', '/civicrm/admin/mfa/user?id=' . $id, '/civicrm/my-account/mfa'] as $path) {
            $visitor->get($path);
            self::assertStringContainsString('data-page', $visitor->body);
            $pages .= $visitor->body;
        }
        self::assertStringNotContainsString(self::$service->bridgeKey, $pages);
        self::assertStringNotContainsString(self::$service->adminKey, $pages);
    }
}
