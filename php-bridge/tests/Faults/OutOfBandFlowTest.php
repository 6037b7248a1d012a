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

/** When a code is sent, what is shown then, and what a person is told when it cannot be. */
final class OutOfBandFlowTest extends TestCase
{
    private const METHODS = [
        ['method' => 'email', 'preferred' => true, 'authenticator_id' => 'e-1', 'destination' => 'a••••@example.org'],
        ['method' => 'email', 'authenticator_id' => 'e-2', 'destination' => 'b••••@example.org'],
        ['method' => 'totp'],
        ['method' => 'recovery_code', 'remaining' => 10],
    ];

    private ScriptedServer $server;
    private MemoryStore $store;

    protected function setUp(): void
    {
        $this->store = new MemoryStore();
    }

    protected function tearDown(): void
    {
        $this->server->stop();
    }

    public function testWhoPrefersMailIsSentACodeAtOnce(): void
    {
        $step = $this->begin($this->serve(
            $this->login(201),
            $this->login(200),
            ScriptedServer::answer(202, ScriptedServer::delivery()),
            $this->login(200, ['sent_code' => ScriptedServer::delivery()]),
        ));
        self::assertSame([Stage::Challenge, null], [$step->stage, $step->error]);
        self::assertSame('e-1', $step->asked->authenticatorId);
        self::assertSame('a••••@example.org', $step->sentCode()->destination);
        self::assertSame([['method' => 'email', 'authenticator_id' => 'e-1']], $this->sent('/challenge'));
        self::assertSame(
            ['e-2', null],
            array_map(static fn ($method) => $method->authenticatorId, $step->otherMethods()),
        );
    }

    public function testAReloadSendsNothing(): void
    {
        $flow = $this->begun($this->login(200, ['sent_code' => ScriptedServer::delivery()]));
        $sent = count($this->sent('/challenge'));
        self::assertNotNull($flow->current()->sentCode());
        self::assertNotNull($flow->current()->sentCode());
        self::assertCount($sent, $this->sent('/challenge'));
    }

    public function testALockedUserIsSentNothing(): void
    {
        $step = $this->begin($this->serve($this->login(201, ['retry_after' => 30])));
        self::assertSame('error.throttled', $step->error->key);
        self::assertSame([], $this->sent('/challenge'));
    }

    public function testACodeThatCouldNotBeSentLeavesTheOtherWays(): void
    {
        $failed = ScriptedServer::delivery(['delivery' => 'failed', 'resend_after' => 0]);
        $flow = $this->serve(
            $this->login(201),
            $this->login(200),
            ScriptedServer::problem(502, 'delivery-failed'),
            $this->login(200, ['sent_code' => $failed]),
        );
        $step = $this->begin($flow);
        self::assertSame([Stage::Challenge, 'error.delivery'], [$step->stage, $step->error->key]);
        self::assertNull($step->sentCode());
        self::assertSame(422, $step->httpStatus());
        self::assertCount(2, $step->otherMethods());
        self::assertSame('error.delivery', $flow->current()->error->key, 'a reload says so, too');
    }

    public function testWithinTheResendPauseThePersonIsToldHowLongItTakes(): void
    {
        $sent = $this->login(200, ['sent_code' => ScriptedServer::delivery()]);
        $flow = $this->begun($sent, ScriptedServer::problem(429, 'throttled', ['retry_after' => 20]), $sent);
        $flow->current();
        $step = $flow->resend();
        self::assertSame('error.send_throttled', $step->error->key);
        self::assertSame(['seconds' => 20], $step->error->values);
        self::assertSame(429, $step->httpStatus());
        self::assertNotNull($step->sentCode(), 'the code before is still good');
    }

    public function testAWrongSentCodeIsNotSaidToRenewItself(): void
    {
        $flow = $this->begun(
            ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 3]),
            $this->login(200, ['sent_code' => ScriptedServer::delivery()]),
        );
        $step = $flow->submit(['code' => '123456']);
        self::assertSame('error.sent_code_rejected_left', $step->error->key);
        self::assertSame('email', $this->sent('/answer')[0]['method'], 'the page asked for this one');
    }

    public function testAnotherWayIsOneStepAwayAndNeedsNoMessage(): void
    {
        $flow = $this->begun($this->login(200, ['sent_code' => ScriptedServer::delivery()]));
        $sent = count($this->sent('/challenge'));
        $step = $flow->submit(['do' => 'choose', 'method' => 'totp', 'authenticator' => '']);
        self::assertSame(Method::Totp, $step->asked->method);
        self::assertNull($step->sentCode());
        self::assertSame(Method::Totp, $flow->current()->asked->method, 'a reload keeps the choice');
        self::assertCount($sent, $this->sent('/challenge'));
    }

    public function testComingBackToACodeThatIsOnItsWaySendsNoOther(): void
    {
        $flow = $this->begun($this->login(200, ['sent_code' => ScriptedServer::delivery()]));
        $sent = count($this->sent('/challenge'));
        $flow->choose(Method::Totp);
        self::assertNotNull($flow->choose(Method::Email, 'e-1')->sentCode());
        self::assertCount($sent, $this->sent('/challenge'));
    }

    public function testAnotherAddressIsSentACodeOfItsOwn(): void
    {
        $other = ScriptedServer::delivery(['authenticator_id' => 'e-2', 'destination' => 'b••••@example.org']);
        $flow = $this->begun(
            $this->login(200, ['sent_code' => ScriptedServer::delivery()]),
            ScriptedServer::answer(202, $other),
            $this->login(200, ['sent_code' => $other]),
        );
        $step = $flow->choose(Method::Email, 'e-2');
        self::assertSame('b••••@example.org', $step->sentCode()->destination);
        $sent = $this->sent('/challenge');
        self::assertSame('e-2', end($sent)['authenticator_id']);
    }

    public function testTrustIsAskedForWithTheCodeAndItsTokenIsTheHosts(): void
    {
        $device = ['token' => 'trust-me', 'expires_at' => '2030-01-02T03:04:05Z'];
        $flow = $this->begun($this->login(200, ['status' => 'passed', 'amr' => ['urn:mfa-sidecar:email'],
            'method' => 'email', 'trusted_device' => $device]));
        $step = $flow->submit(['do' => 'answer', 'method' => 'email', 'code' => '123456', 'trust' => '1']);
        self::assertSame('trust-me', $step->login->trustedDevice->token);
        self::assertTrue($this->sent('/answer')[0]['trust_device']);
        self::assertSame([Method::Email, true], [$step->proof->method, $step->proof->isByAuthenticator()]);
    }

    public function testAMethodOfANewerServiceAloneIsNoWayIn(): void
    {
        $step = $this->begin($this->serve($this->login(201, ['methods' => [['method' => 'telepathy']]])));
        self::assertSame(Stage::Blocked, $step->stage);
    }

    public function testSeveralMethodsToSetUpAreChosenFrom(): void
    {
        $flow = $this->serve(
            $this->enrollment(201),
            $this->enrollment(200),
            $this->enrollment(200),
            ScriptedServer::problem(400, 'invalid-request', [
                'errors' => [['field' => 'destination', 'message' => 'no address']],
            ]),
            $this->enrollment(200),
        );
        $step = $this->begin($flow);
        self::assertSame([Method::Totp, Method::Email, Method::Sms], $step->setUp->methods);
        self::assertNull($step->setUp->method);

        $step = $flow->submit(['do' => 'choose', 'method' => 'email']);
        self::assertSame([Method::Email, 'a••••@example.org'], [$step->setUp->method, $step->setUp->knownDestination]);
        self::assertNull($step->enrollment);
        self::assertSame([], $this->sent('/enrollment'), 'nothing is sent before the address is named');

        $step = $flow->submit(['do' => 'set-up', 'method' => 'email', 'destination' => '']);
        self::assertSame('error.email_missing', $step->error->key);
        $step = $flow->submit(['do' => 'set-up', 'method' => 'email', 'destination' => 'no address']);
        self::assertSame('error.email_invalid', $step->error->key);
        self::assertSame('no address', $step->setUp->typed->destination);
    }

    public function testASecondCodeGoesToTheAddressThatWasTyped(): void
    {
        $sent = ['method' => 'sms', 'authenticator_id' => null, 'destination' => '+43 •••• 67'];
        $answer = ScriptedServer::answer(200, array_diff_key(ScriptedServer::delivery($sent), [
            'authenticator_id' => null,
        ]));
        $onItsWay = $this->enrollment(200, ['sent_code' => ScriptedServer::delivery($sent)]);
        $flow = $this->serve($this->enrollment(201), $answer, $onItsWay, $answer, $onItsWay);
        $this->begin($flow);
        $number = ['destination' => '0664 1234567', 'country' => 'AT'];
        $step = $flow->submit(['do' => 'set-up', 'method' => 'sms'] + $number);
        self::assertSame('+43 •••• 67', $step->enrollment->destination);
        $flow->submit(['do' => 'resend']);
        self::assertSame(
            [['method' => 'sms'] + $number, ['method' => 'sms'] + $number],
            $this->sent('/enrollment'),
        );
        self::assertSame('setup.title_sent', $flow->current()->title()->key);
        $countries = ScriptedServer::answer(200, ['countries' => []]);
        $this->restart($onItsWay, $countries);
        $step = $this->flow()->submit(['do' => 'choose', 'method' => 'sms']);
        self::assertNull($step->enrollment, 'chosen once more it asks for another number');
    }

    public function testWhatIsProvenFirstIsThenReplaced(): void
    {
        $flow = $this->begun(
            $this->enrollment(200),
            $this->enrollment(200),
        );
        $step = $flow->submit(['do' => 'answer', 'method' => 'email', 'code' => '123456']);
        self::assertSame(Stage::Enroll, $step->stage);
        self::assertTrue($step->setUp->isReplacement);
        self::assertNull($step->setUp->method, 'the method that was proven is not the one to set up');
        self::assertTrue($flow->current()->setUp->isReplacement);
    }

    public function testASiteThatAsksForWhatNobodyCanSetUpIsSaidToBeMisconfigured(): void
    {
        $step = $this->begin($this->serve($this->enrollment(201, ['enrollable' => ['webauthn']])));
        self::assertSame([Stage::Blocked, 'error.misconfigured'], [$step->stage, $step->error->key]);
    }

    public function testAStepUpThatFailsDoesNotAskToSignInAgain(): void
    {
        $flow = $this->serve(
            ScriptedServer::login(201, ['purpose' => 'step_up']),
            ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 0]),
            ScriptedServer::login(200, ['purpose' => 'step_up', 'status' => 'failed']),
        );
        $flow->begin(new User('42', 'alice'), new Visitor(), Purpose::StepUp);
        self::assertSame('error.step_up_failed', $flow->answer(Method::Totp, '123456')->error->key);
    }

    public function testWithinTheGraceTheHostIsToldTheDay(): void
    {
        $step = $this->begin($this->serve(ScriptedServer::login(201, ['status' => 'passed',
            'reason' => 'grace_period', 'grace_ends_at' => '2030-01-02T03:04:05Z'])));
        self::assertSame('2030-01-02', $step->graceEndsAt()->format('Y-m-d'));
        self::assertNull($step->proof);
    }

    /** @dataProvider leftOver */
    public function testWhenRecoveryCodesRunOutThePersonIsTold(int $left, ?string $notice): void
    {
        $flow = $this->begun($this->login(200, ['status' => 'passed', 'method' => 'recovery_code',
            'amr' => ['urn:mfa-sidecar:recovery_code'], 'recovery_codes_remaining' => $left]));
        $step = $flow->answer(Method::RecoveryCode, 'aaaa-bbbb');
        self::assertSame($notice, $step->notice()?->key);
        self::assertFalse($step->proof->isByAuthenticator());
    }

    public function leftOver(): array
    {
        return [[4, null], [3, 'notice.few_recovery_codes'], [0, 'notice.no_recovery_codes']];
    }

    public function testAProofGrowsOldAndOneFromTheFutureIsNone(): void
    {
        $proof = $this->begun($this->login(200, ['status' => 'passed', 'method' => 'email', 'amr' => ['x']]))
            ->answer(Method::Email, '123456')->proof;
        self::assertTrue($proof->isFresh(300, $proof->at + 300));
        self::assertFalse($proof->isFresh(300, $proof->at + 301));
        self::assertFalse($proof->isFresh(300, $proof->at - 1));
        self::assertEquals($proof, \MfaSidecar\Flow\Proof::fromArray($proof->toArray()));
        self::assertStringNotContainsString($proof->loginId, print_r($proof, true));
    }

    private function login(int $status, array $members = []): array
    {
        return ScriptedServer::login($status, $members + ['methods' => self::METHODS]);
    }

    private function enrollment(int $status, array $members = []): array
    {
        return ScriptedServer::login($status, $members + [
            'status' => 'enrollment_required',
            'methods' => [],
            'enrollable' => ['totp', 'email', 'sms'],
            'known_destinations' => ['email' => 'a••••@example.org'],
        ]);
    }

    /** A login at its code page, with a code on its way by mail; the answers are those to what comes then. */
    private function begun(array ...$answers): LoginFlow
    {
        $flow = $this->serve(
            $this->login(201),
            $this->login(200),
            ScriptedServer::answer(202, ScriptedServer::delivery()),
            $this->login(200, ['sent_code' => ScriptedServer::delivery()]),
            ...$answers,
        );
        self::assertSame(Stage::Challenge, $this->begin($flow)->stage);
        return $flow;
    }

    private function begin(LoginFlow $flow): \MfaSidecar\Flow\LoginStep
    {
        return $flow->begin(new User('42', 'alice'), new Visitor());
    }

    private function serve(array ...$answers): LoginFlow
    {
        $this->server = new ScriptedServer(...$answers);
        return $this->flow();
    }

    private function restart(array ...$answers): void
    {
        $this->server->stop();
        $this->server = new ScriptedServer(...$answers);
    }

    private function flow(): LoginFlow
    {
        return new LoginFlow(
            new Client(new Transport($this->server->url, 'key')),
            $this->store,
            static fn (string $line): bool => true,
        );
    }

    /** @return list<array<string, mixed>> the bodies of the requests to this end of the path */
    private function sent(string $path): array
    {
        $sent = array_filter(
            $this->server->requests(),
            static fn (array $request): bool => str_starts_with($request['request'], 'POST')
                && str_ends_with($request['request'], "$path HTTP/1.1"),
        );
        return array_map(static fn (array $request): array => json_decode($request['body'], true), array_values($sent));
    }
}
