<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Faults;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Flow\Outcome;
use MfaSidecar\Flow\PendingEnrollment;
use MfaSidecar\Flow\Proof;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\View;
use MfaSidecar\Tests\Support\MemoryEnrollmentStore;
use MfaSidecar\Tests\Support\ScriptedServer;
use PHPUnit\Framework\TestCase;

/** What self-service makes of each answer, and what it tells whom. */
final class SelfServiceTest extends TestCase
{
    private ScriptedServer $server;
    private MemoryEnrollmentStore $store;
    private ?Proof $proof = null;
    /** @var list<string> */
    private array $log = [];

    protected function setUp(): void
    {
        $this->store = new MemoryEnrollmentStore();
    }

    protected function tearDown(): void
    {
        $this->server->stop();
    }

    public function testAChangeCarriesTheProofAndAProofOfSomebodyElseDoesNotCount(): void
    {
        $this->proof = $this->proofOf('42', Method::Totp);
        $this->serve(ScriptedServer::answer(204, ''))->remove('t-1');
        self::assertContains('Mfa-Step-Up: login-of-42', $this->server->requests()[0]['headers']);
        $this->server->stop();

        $this->proof = $this->proofOf('43', Method::Totp);
        $this->serve(ScriptedServer::answer(204, ''))->remove('t-1');
        self::assertStringNotContainsString('Step-Up', implode('', $this->server->requests()[0]['headers']));
    }

    public function testWithoutAFreshProofThePersonIsLedThroughAStepUpAndBack(): void
    {
        $step = $this->serve(ScriptedServer::problem(403, 'step-up-required'))->remove('t-1');
        self::assertSame([Outcome::StepUp, 'security.step_up'], [$step->outcome, $step->error->key]);
        self::assertSame('/security?view=remove&authenticator=t-1', $step->url('/security'));
        self::assertSame('/?q=mfa&view=remove&authenticator=t-1', $step->url('/?q=mfa'));
    }

    public function testTheProofIsAskedForBeforeTheFormIsFilledIn(): void
    {
        $step = $this->serve(...$this->page())->show(['view' => 'add', 'method' => 'email']);
        self::assertSame(Outcome::StepUp, $step->outcome);
        self::assertSame([View::Add, ['method' => 'email']], [$step->view, $step->query]);
        $this->server->stop();
        $this->proof = new Proof('login-of-42', '42', Purpose::Login, Method::Totp, time() - 601);
        $step = $this->serve(...$this->page())->show(['view' => 'remove', 'authenticator' => 't-1']);
        self::assertSame('security.step_up', $step->error->key);
    }

    public function testARecoveryCodeIsSaidToBeTooWeakForNewOnes(): void
    {
        $this->proof = $this->proofOf('42', Method::RecoveryCode);
        $step = $this->serve(ScriptedServer::problem(403, 'step-up-required'))->renewRecoveryCodes();
        self::assertSame('security.step_up_stronger', $step->error->key);
        self::assertSame(View::RecoveryCodes, $step->view);
    }

    public function testTheLastOneUnderARuleThatRequiresOneIsKept(): void
    {
        $step = $this->serve(
            ScriptedServer::problem(422, 'last-authenticator'),
            ...$this->page(),
        )->disable();
        self::assertSame([View::Overview, 'error.last_disable'], [$step->view, $step->error->key]);
        self::assertSame(422, $step->httpStatus());
    }

    public function testWhereTheAdministratorLooksAfterItNothingIsOffered(): void
    {
        $off = $this->page(['self_service' => false]);
        $step = $this->serve(...$off, ...$off)->show(['view' => 'disable']);
        self::assertTrue($step->isOff);
        self::assertSame(View::Overview, $step->view);
    }

    public function testSwitchedOffInBetweenIsNotCalledAMisconfiguration(): void
    {
        $policy = $this->policy(['self_service' => false]);
        $step = $this->serve(
            ScriptedServer::problem(403, 'forbidden'),
            $policy,
            ScriptedServer::answer(204, ''),
            ScriptedServer::user(),
            $policy,
        )->disable();
        self::assertSame([Outcome::Page, 'security.off'], [$step->outcome, $step->error->key]);
    }

    public function testAKeyThatMayNotIsAMisconfiguration(): void
    {
        $step = $this->serve(ScriptedServer::problem(403, 'forbidden'), $this->policy())->disable();
        self::assertSame([Outcome::Blocked, 'security.misconfigured'], [$step->outcome, $step->error->key]);
        self::assertStringContainsString('403 forbidden', $this->log[0]);
    }

    /** @dataProvider changes */
    public function testWithoutTheServiceNothingIsSaidToBeDone(array $fields): void
    {
        $this->pend();
        $step = $this->serve(ScriptedServer::problem(503, 'unavailable'))->submit($fields);
        self::assertSame([Outcome::Blocked, 'security.unavailable'], [$step->outcome, $step->error->key]);
        self::assertSame(503, $step->httpStatus());
    }

    public function changes(): array
    {
        return [
            [['do' => 'choose', 'method' => 'totp']],
            [['do' => 'set-up-known', 'method' => 'email']],
            [['do' => 'resend']],
            [['do' => 'confirm', 'code' => '123456']],
            [['do' => 'rename', 'authenticator' => 't-1', 'name' => 'x']],
            [['do' => 'remove', 'authenticator' => 't-1']],
            [['do' => 'prefer', 'method' => 'email']],
            [['do' => 'renew-codes']],
            [['do' => 'disable']],
            [['do' => 'forget', 'device' => 'd-1']],
            [['do' => 'forget-all']],
        ];
    }

    public function testWhatChangesProtectionIsConfirmedFirstAndWhatOnlyTightensItIsNot(): void
    {
        $this->server = new ScriptedServer(ScriptedServer::answer(204, ''));
        $needed = array_filter(
            array_column(array_column($this->changes(), 0), 'do'),
            static fn (string $do): bool => SelfService::needsConfirmation(['do' => $do]),
        );
        self::assertSame(
            ['choose', 'set-up-known', 'resend', 'confirm', 'remove', 'prefer', 'renew-codes', 'disable'],
            array_values($needed),
        );
        self::assertTrue(SelfService::needsConfirmation([]));
        self::assertTrue(SelfService::needsConfirmation(['do' => ['rename']]));
        self::assertFalse(View::of(['view' => ['disable']])->needsConfirmation());
        self::assertTrue(View::of(['view' => 'disable'])->needsConfirmation());
    }

    public function testAWrongCodeShowsTheSameSetUpAgain(): void
    {
        $this->pend();
        $step = $this->serve(
            ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 2]),
            ...$this->page(),
        )->confirm('123456');
        self::assertSame([View::Add, 'error.code_rejected_left'], [$step->view, $step->error->key]);
        self::assertSame('SECRET', $step->setUp->enrollment->secret);
    }

    /** @dataProvider ends */
    public function testASetUpThatIsOverIsForgotten(array $answer): void
    {
        $this->pend();
        $step = $this->serve($answer, ...$this->page())->confirm('123456');
        self::assertSame([View::Overview, 'error.setup_over'], [$step->view, $step->error->key]);
        self::assertNull($this->store->pending);
    }

    public function ends(): array
    {
        return [
            [ScriptedServer::problem(410, 'login-expired')],
            [ScriptedServer::problem(409, 'login-not-pending')],
            [ScriptedServer::problem(404, 'authenticator-not-found')],
            [ScriptedServer::problem(422, 'code-rejected', ['attempts_remaining' => 0])],
        ];
    }

    public function testASetUpOfAnotherUserOfThisBrowserIsNotGoneOnWith(): void
    {
        $this->pend('43');
        $this->proof = $this->proofOf('42', Method::Totp);
        $step = $this->serve(...$this->page())->show(['view' => 'add']);
        self::assertNull($step->setUp->enrollment);
        self::assertNull($this->store->pending);
    }

    public function testTheFirstAuthenticatorBringsRecoveryCodes(): void
    {
        $this->pend();
        $step = $this->serve(ScriptedServer::answer(200, [
            'authenticator' => ['id' => 't-1', 'method' => 'totp', 'name' => 'x', 'destination' => null,
                'created_at' => '2030-01-02T03:04:05Z', 'last_used_at' => null],
            'recovery_codes' => ['aaaa', 'bbbb'],
        ]))->confirm('123456');
        self::assertSame([Outcome::RecoveryCodes, ['aaaa', 'bbbb']], [$step->outcome, $step->recoveryCodes]);
        self::assertStringNotContainsString('aaaa', print_r($step, true));
        self::assertNull($this->store->pending);
    }

    public function testARefusedNumberIsShownAgainWithItsCountry(): void
    {
        $step = $this->serve(
            ScriptedServer::answer(204, ''),
            ScriptedServer::problem(400, 'invalid-request'),
            ScriptedServer::answer(204, ''),
            ScriptedServer::user(['enrollable' => ['totp', 'sms']]),
            $this->policy(),
            ScriptedServer::answer(200, ['countries' => [['country' => 'AT', 'calling_code' => '+43']]]),
        )->submit(['do' => 'set-up', 'method' => 'sms', 'destination' => '12', 'country' => 'AT']);
        self::assertSame([View::Add, 'error.phone_invalid'], [$step->view, $step->error->key]);
        self::assertSame(['12', 'AT'], [$step->setUp->typed->destination, $step->setUp->typed->country]);
        self::assertCount(1, $step->setUp->countries);
    }

    public function testAnAppIsNotBegunByAnAddressAlone(): void
    {
        $this->proof = $this->proofOf('42', Method::Totp);
        $step = $this->serve(...$this->page())->show(['view' => 'add', 'method' => 'totp']);
        self::assertNull($step->setUp->method);
        foreach ($this->server->requests() as $request) {
            self::assertStringNotContainsString('/enrollments', $request['request']);
        }
    }

    public function testWhatIsGoneIsSaidToBeGone(): void
    {
        $gone = ScriptedServer::problem(404, 'authenticator-not-found');
        $step = $this->serve($gone, ...$this->page())->forgetDevice('d-9');
        self::assertSame('error.gone', $step->error->key);
    }

    private function pend(string $userId = '42'): void
    {
        $this->store->save(new PendingEnrollment($userId, new Enrollment(
            Method::Totp,
            new \DateTimeImmutable('2030-01-02T03:04:05Z'),
            'SECRET',
            'otpauth://totp/x',
            '<svg/>',
            null,
            null,
            'enrollment-1',
        ), time() + 60));
    }

    private function proofOf(string $userId, Method $method): Proof
    {
        return new Proof("login-of-$userId", $userId, Purpose::StepUp, $method, time());
    }

    private function policy(array $members = []): array
    {
        return ScriptedServer::answer(200, $members + ['mode' => 'required', 'methods' => ['totp'],
            'grace_period_days' => 0, 'trusted_device_days' => 0, 'required_roles' => [], 'exempt_roles' => [],
            'self_service' => true, 'updated_at' => null, 'updated_by' => null]);
    }

    /** @return list<array<string, mixed>> the answers that a page asks for: refresh, state, policy */
    private function page(array $policy = []): array
    {
        return [ScriptedServer::answer(204, ''), ScriptedServer::user(), $this->policy($policy)];
    }

    private function serve(array ...$answers): SelfService
    {
        $this->server = new ScriptedServer(...$answers);
        $log = function (string $line): void {
            $this->log[] = $line;
        };
        $client = new Client(new Transport($this->server->url, 'key'));
        return new SelfService($client, new User('42', 'alice'), $this->store, $this->proof, $log);
    }
}
