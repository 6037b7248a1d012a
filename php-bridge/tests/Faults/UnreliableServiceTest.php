<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Faults;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Page\Messages;
use MfaSidecar\Tests\Support\MemoryStore;
use MfaSidecar\Tests\Support\Process;
use MfaSidecar\Tests\Support\ScriptedServer;
use PHPUnit\Framework\TestCase;

/** Whatever stands where the service should: nobody gets in, the person reads a sentence, the log has the cause. */
final class UnreliableServiceTest extends TestCase
{
    private const CODE = '271828';

    private ?ScriptedServer $server = null;
    private MemoryStore $store;
    /** @var list<string> */
    private array $log = [];

    protected function setUp(): void
    {
        $this->store = new MemoryStore();
    }

    protected function tearDown(): void
    {
        $this->server?->stop();
    }

    public function testWithNobodyThereTheLoginIsBlocked(): void
    {
        $flow = $this->flow('http://127.0.0.1:' . Process::freePort());
        $this->assertBlocked($flow->begin(new User('42', 'alice'), new Visitor()), 'no answer');
    }

    public function testWithoutTheSocketTheLoginIsBlocked(): void
    {
        $flow = $this->flow('unix:/nowhere/mfa.sock');
        $this->assertBlocked($flow->begin(new User('42', 'alice'), new Visitor()), 'no answer');
    }

    /** @dataProvider answers */
    public function testABeginThatIsNotAnsweredByTheContractIsBlocked(array $answer, string $cause): void
    {
        $flow = $this->serve($answer);
        $this->assertBlocked($flow->begin(new User('42', 'alice'), new Visitor()), $cause);
        self::assertNull($this->store->pending);
        self::assertSame('POST /v1/logins HTTP/1.1', $this->server->requests()[0]['request']);
    }

    /** @dataProvider answers */
    public function testARightCodeIsWorthNothingWithoutTheContractsAnswer(array $answer, string $cause): void
    {
        $flow = $this->serve(ScriptedServer::login(201), $answer);
        self::assertSame(Stage::Challenge, $flow->begin(new User('42', 'alice'), new Visitor())->stage);
        $this->assertBlocked($flow->answer(Method::Totp, self::CODE), $cause);
        self::assertNotNull($this->store->pending, 'When the service is back, the login can go on.');
        self::assertStringContainsString(self::CODE, $this->server->requests()[1]['body']);
    }

    public function answers(): array
    {
        $html = '<!DOCTYPE html><title>Welcome</title>';
        $passed = json_decode(ScriptedServer::login(200, ['status' => 'passed', 'amr' => ['otp']])['body'], true);
        return [
            'hangs' => [ScriptedServer::hang(), 'no answer'],
            '500' => [ScriptedServer::answer(500, 'oops', 'text/plain'), 'status 500'],
            '500 with a login in it' => [ScriptedServer::answer(500, $passed), 'status 500'],
            '503 of the service' => [ScriptedServer::problem(503, 'unavailable'), '503 unavailable'],
            'a web page' => [ScriptedServer::answer(200, $html, 'text/html'), 'status 200'],
            'a web page with the right status' => [ScriptedServer::answer(201, $html, 'text/html'), 'status 201'],
            'not JSON' => [ScriptedServer::answer(200, '{"id": "tru'), ''],
            'other JSON' => [ScriptedServer::answer(200, ['passed' => true, 'status' => 'passed']), ''],
            'a list' => [ScriptedServer::answer(200, [$passed]), ''],
            'the word true' => [ScriptedServer::answer(200, 'true'), ''],
            'nothing' => [ScriptedServer::answer(200, ''), ''],
            '204' => [ScriptedServer::answer(204, ''), 'status 204'],
            '200 with a problem in it' => [
                ScriptedServer::answer(200, ['type' => 'urn:mfa-sidecar:problem:code-rejected', 'status' => 422]),
                '',
            ],
            '200 with a problem as its type' => [ScriptedServer::answer(200, $passed, 'application/problem+json'), ''],
            'a status that no login has' => [ScriptedServer::login(200, ['status' => 'PASSED']), ''],
            'a redirect' => [
                ScriptedServer::answer(302, $passed, 'application/json', "Location: http://127.0.0.1:1/\r\n"),
                'status 302',
            ],
            'a problem of somebody else' => [
                ScriptedServer::answer(422, ['type' => 'about:blank'], 'application/problem+json'),
                'status 422',
            ],
            'more than anybody would read' => [ScriptedServer::answer(200, str_repeat('a', 2 << 20)), 'no answer'],
        ];
    }

    /** @dataProvider wrongKeys */
    public function testAWrongKeyIsClosedToo(int $status, string $code): void
    {
        $step = $this->serve(ScriptedServer::problem($status, $code))->begin(new User('42', 'alice'), new Visitor());
        self::assertSame(Stage::Blocked, $step->stage);
        self::assertSame('error.misconfigured', $step->error->key);
        self::assertStringContainsString("$status $code", $this->log[0]);
    }

    public function wrongKeys(): array
    {
        return [[401, 'unauthenticated'], [403, 'forbidden']];
    }

    private function assertBlocked(LoginStep $step, string $cause): void
    {
        self::assertSame(Stage::Blocked, $step->stage);
        self::assertNull($step->passedUserId);
        self::assertSame(503, $step->httpStatus());
        self::assertStringContainsString('Nothing is wrong with your account', Messages::in('en')->of($step->error));
        self::assertCount(1, $this->log);
        self::assertStringContainsString($cause, $this->log[0]);
        self::assertStringNotContainsString(self::CODE, $this->log[0]);
        self::assertStringNotContainsString('login-0123456789abcdef', $this->log[0]);
        self::assertStringNotContainsString('the-bridge-key', $this->log[0]);
    }

    private function serve(array ...$answers): LoginFlow
    {
        $this->server = new ScriptedServer(...$answers);
        return $this->flow($this->server->url);
    }

    private function flow(string $url): LoginFlow
    {
        $client = new Client(new Transport($url, 'the-bridge-key', 200, 300));
        return new LoginFlow($client, $this->store, function (string $line): void {
            $this->log[] = $line;
        });
    }
}
