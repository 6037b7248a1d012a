<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Flow\Stage;
use MfaSidecar\Tests\Support\MemoryStore;
use MfaSidecar\Tests\Support\Phone;

class LoginTest extends ServiceTestCase
{
    protected static function overUnixSocket(): bool
    {
        return false;
    }

    public function testTheFirstLoginSetsUpAnAppAndGivesRecoveryCodes(): void
    {
        $step = $this->begin();
        self::assertSame(Stage::Enroll, $step->stage);
        self::assertStringStartsWith('otpauth://totp/', $step->enrollment->otpauthUri);
        self::assertStringContainsString('<svg', $step->enrollment->qrSvg);
        self::assertMatchesRegularExpression('/\A([A-Z2-7]{4} ){7}[A-Z2-7]{4}\z/', $step->enrollment->groupedSecret());
        [, $codes] = $this->enroll();
        self::assertCount(10, array_unique($codes));
        self::assertNull($this->store->pending);
    }

    public function testAReloadOfTheSetUpPageKeepsTheSecret(): void
    {
        $secret = $this->begin()->enrollment->secret;
        self::assertSame($secret, $this->flow->current()->enrollment->secret);
        $afterWrongCode = $this->flow->confirm((new Phone($secret))->wrongCode());
        self::assertSame(Stage::Enroll, $afterWrongCode->stage);
        self::assertSame(4, $afterWrongCode->error->values['count']);
        self::assertSame($secret, $afterWrongCode->enrollment->secret);
    }

    public function testSettingUpGetsMoreTimeThanThePassword(): void
    {
        $this->begin();
        self::assertGreaterThan(time() + 300, $this->store->pending->expiresAt);
        $this->enroll();
        $this->begin();
        self::assertLessThanOrEqual(time() + 121, $this->store->pending->expiresAt);
    }

    public function testTheNextLoginAsksForACodeAndTakesNoneTwice(): void
    {
        [$phone] = $this->enroll();
        $step = $this->begin();
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertTrue($step->login->offers(Method::Totp));
        self::assertTrue($step->login->offers(Method::RecoveryCode));

        $next = $phone->code(30);
        $step = $this->flow->answer(Method::Totp, $next);
        self::assertSame(Stage::Passed, $step->stage);
        self::assertSame($this->user->id, $step->passedUserId);
        self::assertTrue($step->isProvenByFactor());
        self::assertSame([], $step->login->recoveryCodes);

        $this->begin();
        $step = $this->flow->answer(Method::Totp, $next);
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertSame('error.code_rejected_left', $step->error->key);
    }

    public function testARecoveryCodeLetsInOnce(): void
    {
        [, $codes] = $this->enroll();
        $this->begin();
        self::assertSame(Stage::Passed, $this->flow->answer(Method::RecoveryCode, $codes[3])->stage);
        $this->begin();
        self::assertSame(Stage::Challenge, $this->flow->answer(Method::RecoveryCode, $codes[3])->stage);
        self::assertSame(Stage::Passed, $this->flow->answer(Method::RecoveryCode, $codes[4])->stage);
    }

    public function testFiveWrongCodesEndTheLoginAndLockUntilAnAdministratorUnlocks(): void
    {
        [$phone] = $this->enroll();
        $this->begin();
        for ($left = 4; $left > 0; $left--) {
            $step = $this->flow->answer(Method::Totp, $phone->wrongCode());
            self::assertSame(['count' => $left], $step->error->values);
        }
        $step = $this->flow->answer(Method::Totp, $phone->wrongCode());
        self::assertSame(Stage::Over, $step->stage);
        self::assertSame('error.too_many_attempts', $step->error->key);

        $step = $this->begin();
        self::assertSame('error.throttled', $step->error->key);
        $step = $this->flow->answer(Method::Totp, $phone->code(30));
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertSame('error.throttled', $step->error->key);
        self::assertNotNull($this->admin->user($this->user->id)->lockedUntil);

        $this->admin->unlockUser($this->user->id);
        self::assertNull($this->admin->user($this->user->id)->lockedUntil);
        self::assertSame(Stage::Passed, $this->flow->answer(Method::Totp, $phone->code(30))->stage);
    }

    public function testALoginThatPassedInAnotherTabSignsNobodyInByReading(): void
    {
        [$phone] = $this->enroll();
        $this->begin();
        $otherTab = new MemoryStore();
        $otherTab->pending = $this->store->pending;
        self::assertSame(Stage::Passed, $this->flow->answer(Method::Totp, $phone->code(30))->stage);

        $step = $this->browser($otherTab)->current();
        self::assertSame(Stage::Over, $step->stage);
        self::assertNull($step->passedUserId);
    }

    public function testACanceledLoginTakesNoCode(): void
    {
        [$phone] = $this->enroll();
        $this->begin();
        $kept = new MemoryStore();
        $kept->pending = $this->store->pending;
        $this->flow->cancel();
        self::assertNull($this->store->pending);
        self::assertSame(Stage::Over, $this->browser($kept)->answer(Method::Totp, $phone->code(30))->stage);
    }

    public function testAnEnrolledUserCannotConfirmAnotherApp(): void
    {
        [$phone] = $this->enroll();
        $this->begin();
        $step = $this->flow->confirm($phone->code(30));
        self::assertSame(Stage::Over, $step->stage);
        self::assertSame('error.already_enrolled', $step->error->key);
        self::assertNull($step->passedUserId);
    }

    public function testAStepUpAsksAgainAndIsProvenByAFactorOnly(): void
    {
        $step = $this->flow->begin($this->user, new Visitor(), Purpose::StepUp);
        self::assertSame(Stage::Passed, $step->stage);
        self::assertFalse($step->isProvenByFactor());

        [$phone] = $this->enroll();
        $step = $this->flow->begin($this->user, new Visitor(), Purpose::StepUp);
        self::assertSame(Stage::Challenge, $step->stage);
        self::assertTrue($this->flow->answer(Method::Totp, $phone->code(30))->isProvenByFactor());
    }

    public function testANewPasswordEndsALoginThatWasBegunWithTheOldOne(): void
    {
        [$phone] = $this->enroll();
        $this->begin();
        $this->bridge->putUser(new \MfaSidecar\Api\User($this->user->id, 'alice', credentialVersion: '2'));
        $step = $this->flow->answer(Method::Totp, $phone->code(30));
        self::assertSame(Stage::Over, $step->stage);
        self::assertNull($step->passedUserId);
    }
}
