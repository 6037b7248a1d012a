<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\SmsCountry;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Problem;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\Outcome;
use MfaSidecar\Flow\Proof;
use MfaSidecar\Flow\SelfService;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Flow\View;
use MfaSidecar\Tests\Support\MemoryEnrollmentStore;
use MfaSidecar\Tests\Support\MemoryStore;
use MfaSidecar\Tests\Support\Phone;

/** Mail, text messages, several authenticators, self-service, trusted browsers: against the real service. */
final class EveryFactorTest extends ServiceTestCase
{
    private const RULES = ['mode' => 'required', 'methods' => ['totp', 'email', 'sms'], 'grace_period_days' => 0,
        'trusted_device_days' => 30, 'required_roles' => [], 'exempt_roles' => [], 'self_service' => true];

    private MemoryEnrollmentStore $enrollments;
    private string $email;

    protected static function overUnixSocket(): bool
    {
        return false;
    }

    protected function setUp(): void
    {
        parent::setUp();
        $this->enrollments = new MemoryEnrollmentStore();
        $this->admin->changePolicy(self::RULES, null);
        // Caps count by destination: each test has its own.
        $this->email = $this->user->id . '@example.org';
        $this->user = new User($this->user->id, 'alice', $this->email, null, ['member'], '1', 'de');
    }

    public function testTheAddressOfTheAccountIsSetUpAndThenAskedForAtOnce(): void
    {
        $step = $this->begin();
        self::assertSame([Method::Totp, Method::Email, Method::Sms], $step->setUp->methods);
        $step = $this->flow->choose(Method::Email);
        self::assertStringNotContainsString($this->email, $step->setUp->knownDestination);
        self::assertStringEndsWith('@example.org', $step->setUp->knownDestination);
        $step = $this->flow->setUp(Method::Email);
        self::assertSame([Method::Email, null], [$step->enrollment?->method, $step->error]);
        self::assertStringContainsString('Code', self::$postOffice->messages($this->email)[0]['subject']);
        $step = $this->flow->confirm(self::$postOffice->code($this->email));
        self::assertSame(Stage::Passed, $step->stage);
        self::assertCount(10, $step->login->recoveryCodes);
        self::assertTrue($step->proof->isByAuthenticator());

        // The pause between two codes to one address holds across logins.
        $step = $this->begin();
        self::assertSame([Stage::Challenge, Method::Email], [$step->stage, $step->asked->method]);
        self::assertSame('error.send_throttled', $step->error->key);
        self::assertNull($step->sentCode());
    }

    public function testANumberInNationalFormIsSetUpWithItsCountry(): void
    {
        $countries = array_map(static fn (SmsCountry $country): string => $country->country, $this->bridge
            ->smsCountries());
        self::assertContains('AT', $countries);
        $this->begin();
        $this->flow->choose(Method::Sms);
        $step = $this->flow->setUp(Method::Sms, '12', 'AT');
        self::assertSame('error.phone_invalid', $step->error->key);
        self::assertSame('12', $step->setUp->typed->destination);
        $number = '0664 ' . random_int(1_000_000, 9_999_999);
        $step = $this->flow->setUp(Method::Sms, $number, 'AT');
        self::assertNull($step->error);
        $to = '+43' . substr(str_replace(' ', '', $number), 1);
        self::assertSame(Stage::Passed, $this->flow->confirm(self::$postOffice->code($to))->stage);
        self::assertSame(['sms'], $this->bridge->user($this->user->id)->enrolledMethods());
    }

    public function testASecondAuthenticatorNeedsAProofAndCanBePreferredRenamedAndRemoved(): void
    {
        [$phone, $proof] = $this->enrollApp();
        // Without a proof the person is led through a step-up.
        self::assertSame(Outcome::StepUp, $this->selfService(null)->begin(Method::Email)->outcome);

        $self = $this->selfService($proof);
        $step = $self->begin(Method::Email);
        self::assertSame([Outcome::Done, View::Add], [$step->outcome, $step->view]);
        $step = $self->confirm(self::$postOffice->code($this->email));
        self::assertSame([Outcome::Done, 'notice.added'], [$step->outcome, $step->notice->key]);
        $user = $self->show([])->user;
        self::assertSame(['totp', 'email'], $user->enrolledMethods());

        self::assertSame(Outcome::Done, $self->prefer(Method::Email)->outcome);
        $id = $user->authenticators[1]->id;
        self::assertSame('error.name', $self->rename($id, '')->error->key);
        self::assertSame(Outcome::Done, $self->rename($id, 'Büro <b>')->outcome);
        $user = $self->show([])->user;
        self::assertSame(['Büro <b>', 'email'], [$user->authenticator($id)->name, $user->preferredMethod]);

        self::assertSame('error.last_disable', $self->disable()->error->key);
        self::assertSame(Outcome::Done, $self->remove($id)->outcome);
        $step = $self->remove($user->authenticators[0]->id);
        self::assertSame('error.last_remove', $step->error->key);
        self::assertSame('error.gone', $self->remove($id)->error->key);
    }

    public function testNewRecoveryCodesReplaceTheOldOnesAndARecoveryCodeCannotMakeThem(): void
    {
        [, $proof, $old] = $this->enrollApp();
        $step = $this->selfService($proof)->renewRecoveryCodes();
        self::assertSame([Outcome::RecoveryCodes, 10], [$step->outcome, count($step->recoveryCodes)]);
        $this->begin();
        $refused = $this->flow->answer(Method::RecoveryCode, $old[0]);
        self::assertSame('error.recovery_rejected_left', $refused->error->key);
        $weak = $this->flow->answer(Method::RecoveryCode, $step->recoveryCodes[0]);
        self::assertSame(Stage::Passed, $weak->stage);
        $step = $this->selfService($weak->proof)->renewRecoveryCodes();
        self::assertSame([Outcome::StepUp, 'security.step_up_stronger'], [$step->outcome, $step->error->key]);
    }

    public function testWhereItIsOptionalItCanBeSwitchedOff(): void
    {
        $this->admin->changePolicy(['mode' => 'optional'] + self::RULES, null);
        $step = $this->begin();
        self::assertSame([Stage::Passed, 'not_enrolled'], [$step->stage, $step->login->reason]);
        $self = $this->selfService(null);
        $self->begin(Method::Totp);
        $secret = $this->enrollments->pending->enrollment->secret;
        self::assertSame($secret, $self->show(['view' => 'add'])->setUp->enrollment->secret, 'a reload keeps it');
        $phone = new Phone($secret);
        self::assertSame('error.code_rejected_left', $self->confirm($phone->wrongCode())->error->key);
        self::assertCount(10, $self->confirm($phone->code())->recoveryCodes);

        $this->begin();
        $step = $this->flow->answer(Method::Totp, $phone->code(30));
        self::assertSame(Outcome::Done, $this->selfService($step->proof)->disable()->outcome);
        self::assertFalse($this->bridge->user($this->user->id)->enrolled);
        self::assertSame(Stage::Passed, $this->begin()->stage);
    }

    public function testATrustedBrowserSkipsTheCodeButNoStepUpAndItsTokenIsGoodOnce(): void
    {
        [$phone, $proof] = $this->enrollApp();
        self::assertSame(30, $this->begin()->login->trustedDeviceDays);
        $token = $this->flow->answer(Method::Totp, $phone->code(30), trustDevice: true)->login->trustedDevice->token;

        $step = $this->begin($token);
        self::assertSame([Stage::Passed, 'trusted_device', null], [$step->stage, $step->login->reason, $step->proof]);
        self::assertNotSame($token, $step->login->trustedDevice->token);
        self::assertSame(Stage::Challenge, $this->begin($token)->stage, 'it was replaced');

        $token = $step->login->trustedDevice->token;
        $visitor = new Visitor('192.0.2.7', 'Firefox');
        $stepUp = $this->flow->begin($this->user, $visitor, Purpose::StepUp, $token);
        self::assertSame([Stage::Challenge, 0], [$stepUp->stage, $stepUp->login->trustedDeviceDays]);

        $self = $this->selfService($proof);
        $devices = $self->show([])->user->trustedDevices;
        self::assertCount(1, $devices);
        self::assertSame(Outcome::Done, $self->forgetDevice($devices[0]->id)->outcome);
        self::assertSame(Stage::Challenge, $this->begin($token)->stage);
    }

    public function testAOneTimePassLetsInOnceAndIsThenReplaced(): void
    {
        $this->enrollApp();
        $pass = $this->admin->issueOneTimePass($this->user->id);
        $step = $this->begin();
        self::assertSame(Method::Totp, $step->asked->method, 'it is never preferred');
        $step = $this->flow->submit(['do' => 'choose', 'method' => 'one_time_pass']);
        self::assertSame('pass.title', $step->title()->key);
        $step = $this->flow->submit(['method' => 'one_time_pass', 'code' => $pass->code]);
        self::assertSame([Stage::Enroll, true], [$step->stage, $step->setUp->isReplacement]);
        $step = $this->flow->choose(Method::Totp);
        $phone = new Phone($step->enrollment->secret);
        self::assertSame(Stage::Passed, $this->flow->confirm($phone->code())->stage);
    }

    public function testARuleThatTheAppDoesNotSatisfyIsMetAfterTheApp(): void
    {
        [$phone] = $this->enrollApp();
        $this->admin->changePolicy(['methods' => ['email']] + self::RULES, null);
        $step = $this->begin();
        self::assertSame([Stage::Challenge, Method::Totp], [$step->stage, $step->asked->method]);
        $step = $this->flow->answer(Method::Totp, $phone->code(30));
        self::assertSame([Stage::Enroll, Method::Email], [$step->stage, $step->setUp->method]);
        self::assertTrue($step->setUp->isReplacement);
        $this->flow->setUp(Method::Email);
        self::assertSame(Stage::Passed, $this->flow->confirm(self::$postOffice->code($this->email))->stage);
    }

    public function testWithinTheGraceADayIsTold(): void
    {
        $this->admin->changePolicy(['grace_period_days' => 7] + self::RULES, null);
        $step = $this->begin();
        self::assertSame(Stage::Passed, $step->stage);
        self::assertGreaterThan(new \DateTimeImmutable('+6 days'), $step->graceEndsAt());
    }

    public function testSelfServiceThatIsOffShowsAndForgetsButChangesNothing(): void
    {
        [, $proof] = $this->enrollApp();
        $this->admin->changePolicy(['self_service' => false] + self::RULES, null);
        $self = $this->selfService($proof);
        $step = $self->show(['view' => 'add']);
        self::assertSame([View::Overview, true], [$step->view, $step->isOff]);
        self::assertSame('security.off', $self->renewRecoveryCodes()->error->key);
        self::assertSame(Outcome::Done, $self->forgetDevices()->outcome);
    }

    public function testAnAuthenticatorOfAnotherUserIsNotThere(): void
    {
        [, $proof] = $this->enrollApp();
        $other = new User("{$this->user->id}-other", 'mallory', credentialVersion: '1');
        $this->bridge->putUser($other);
        $id = $this->bridge->user($this->user->id)->authenticators[0]->id;
        $this->expectException(Problem::class);
        $this->bridge->withStepUp($proof->loginId)->removeAuthenticator($other->id, $id);
    }

    protected function begin(?string $trustedDevice = null): LoginStep
    {
        return $this->flow->begin($this->user, new Visitor('192.0.2.7', 'Firefox'), trustedDevice: $trustedDevice);
    }

    /** @return array{Phone, Proof, list<string>} */
    private function enrollApp(): array
    {
        $this->begin();
        $phone = new Phone($this->flow->choose(Method::Totp)->enrollment->secret);
        $step = $this->flow->confirm($phone->code());
        self::assertSame(Stage::Passed, $step->stage);
        return [$phone, $step->proof, $step->login->recoveryCodes];
    }

    private function selfService(?Proof $proof): SelfService
    {
        $fail = static fn (string $line) => self::fail($line);
        return new SelfService($this->bridge, $this->user, $this->enrollments, $proof, $fail);
    }
}
