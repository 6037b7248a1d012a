<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Faults;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\LoginFlow;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Tests\Support\MemoryStore;
use MfaSidecar\Tests\Support\ScriptedServer;
use PHPUnit\Framework\TestCase;

/** Answers of the contract at the wrong place or about the wrong thing. */
final class LoginFlowTest extends TestCase
{
    private const PASSED = ['status' => 'passed', 'method' => 'totp', 'amr' => ['otp']];

    private ScriptedServer $server;
    private MemoryStore $store;
    private int $now;

    protected function setUp(): void
    {
        $this->store = new MemoryStore();
        $this->now = time();
    }

    protected function tearDown(): void
    {
        $this->server->stop();
    }

    public function testTheAnswerToTheCodeOpensTheSessionOfTheUserWhoseLoginItIs(): void
    {
        $flow = $this->begun(ScriptedServer::login(200, self::PASSED));
        $step = $flow->answer(Method::Totp, '123456');
        self::assertSame(Stage::Passed, $step->stage);
        self::assertSame('42', $step->passedUserId);
        self::assertTrue($step->isProvenByFactor());
        self::assertNull($this->store->pending);
    }

    /** @dataProvider strangers */
    public function testAPassedLoginOfAnotherUserPurposeOrIdIsRefused(array $members): void
    {
        $step = $this->begun(ScriptedServer::login(200, $members + self::PASSED))->answer(Method::Totp, '123456');
        self::assertSame(Stage::Blocked, $step->stage);
        self::assertNull($step->passedUserId);
        self::assertNull($this->store->pending);
    }

    public function strangers(): array
    {
        return [
            'user' => [['user' => ['id' => '43', 'name' => 'alice']]],
            'user by another spelling' => [['user' => ['id' => '042', 'name' => 'alice']]],
            'purpose' => [['purpose' => 'step_up']],
            'login' => [['id' => 'login-fedcba9876543210']],
        ];
    }

    public function testReadingALoginThatPassedSignsNobodyIn(): void
    {
        $step = $this->begun(ScriptedServer::login(200, self::PASSED))->current();
        self::assertSame(Stage::Over, $step->stage);
        self::assertNull($step->passedUserId);
    }

    public function testAfterAWrongCodeReadingThatItPassedElsewhereSignsNobodyIn(): void
    {
        $flow = $this->begun(
            ScriptedServer::problem(409, 'login-not-pending'),
            ScriptedServer::login(200, self::PASSED),
        );
        $step = $flow->answer(Method::Totp, '123456');
        self::assertSame(Stage::Over, $step->stage);
        self::assertNull($step->passedUserId);
    }

    public function testAPolicyPassIsNoProofForAStepUp(): void
    {
        $notEnrolled = ['status' => 'passed', 'purpose' => 'step_up', 'reason' => 'not_enrolled', 'amr' => []];
        $flow = $this->serve(ScriptedServer::login(201, $notEnrolled));
        $step = $flow->begin(new User('42', 'alice'), new Visitor(), Purpose::StepUp);
        self::assertSame(Stage::Passed, $step->stage);
        self::assertFalse($step->isProvenByFactor());
    }

    public function testAnExpiredPendingLoginMakesNoCall(): void
    {
        $flow = $this->begun();
        $this->now += 121;
        self::assertSame(Stage::Over, $flow->answer(Method::Totp, '123456')->stage);
        self::assertCount(1, $this->server->requests());
    }

    public function testTheHostsClockMayBeWrong(): void
    {
        $this->now += 86_400;
        $flow = $this->begun(ScriptedServer::login(200, self::PASSED));
        self::assertSame(Stage::Passed, $flow->answer(Method::Totp, '123456')->stage);
    }

    public function testWithoutAPendingLoginThereIsNothingToAnswer(): void
    {
        $flow = $this->serve(ScriptedServer::login(200, self::PASSED));
        self::assertSame(Stage::Over, $flow->current()->stage);
        self::assertSame(Stage::Over, $flow->answer(Method::Totp, '123456')->stage);
        self::assertSame(Stage::Over, $flow->confirm('123456')->stage);
        self::assertSame([], $this->server->requests());
    }

    public function testAWrongCodeShowsThePageAgainWithTheTriesThatAreLeft(): void
    {
        $flow = $this->begun(
            ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 3]),
            ScriptedServer::login(200),
        );
        $step = $flow->answer(Method::Totp, '123456');
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertSame(422, $step->httpStatus());
        self::assertSame(['count' => 3], $step->error->values);
    }

    public function testTheLastWrongCodeEndsTheLogin(): void
    {
        $flow = $this->begun(
            ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 0]),
            ScriptedServer::login(200, ['status' => 'failed']),
        );
        $step = $flow->answer(Method::Totp, '123456');
        self::assertSame(Stage::Over, $step->stage);
        self::assertSame('error.too_many_attempts', $step->error->key);
    }

    public function testALockedUserIsToldHowLongToWait(): void
    {
        $flow = $this->begun(
            ScriptedServer::problem(429, 'throttled', ['retry_after' => 60]),
            ScriptedServer::login(200, ['retry_after' => 60]),
        );
        $step = $flow->answer(Method::Totp, '123456');
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertSame(['seconds' => 60], $step->error->values);
    }

    /** @dataProvider noCodes */
    public function testWhatIsNoCodeIsNotSent(string $input): void
    {
        $flow = $this->begun(ScriptedServer::login(200));
        self::assertNotNull($flow->answer(Method::Totp, $input)->error);
        self::assertStringStartsWith('GET ', $this->server->requests()[1]['request']);
    }

    public function noCodes(): array
    {
        return [[''], ['   '], [str_repeat('1', 1 << 20)]];
    }

    public function testAProblemOfANewerServiceIsADenial(): void
    {
        $flow = $this->begun(ScriptedServer::problem(418, 'something-new'));
        self::assertSame(Stage::Blocked, $flow->answer(Method::Totp, '123456')->stage);
    }

    public function testANewLoginReplacesTheOneBefore(): void
    {
        $flow = $this->begun(ScriptedServer::problem(503, 'unavailable'));
        $flow->begin(new User('43', 'bob'), new Visitor());
        self::assertNull($this->store->pending);
    }

    public function testCancelForgetsEvenWhenTheServiceCannotBeTold(): void
    {
        $flow = $this->begun(ScriptedServer::answer(500, 'oops', 'text/plain'));
        $flow->cancel();
        self::assertNull($this->store->pending);
    }

    private function begun(array ...$answers): LoginFlow
    {
        $flow = $this->serve(ScriptedServer::login(201), ...$answers);
        self::assertSame(Stage::Challenge, $flow->begin(new User('42', 'alice'), new Visitor())->stage);
        return $flow;
    }

    private function serve(array ...$answers): LoginFlow
    {
        $this->server = new ScriptedServer(...$answers);
        return new LoginFlow(
            new Client(new Transport($this->server->url, 'key')),
            $this->store,
            static fn (string $line): bool => true,
            fn (): int => $this->now,
        );
    }
}
