<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Tests\Support\Phone;

final class SelfServiceTest extends SiteTestCase
{
    private const PAGE = '/civicrm/my-account/mfa';
    private const CONFIRM = '/civicrm/my-account/mfa/confirm';

    public function testAChangeAsksForThePasswordAndForTheFactorAndGoesBack(): void
    {
        $id = self::user();
        [$phone, , $visitor] = self::enroll($id);
        $visitor->get(self::PAGE);
        self::assertTrue($visitor->has('authenticators'));
        $visitor->get(self::PAGE . '?view=recovery-codes');
        self::assertStringEndsWith(self::CONFIRM, $visitor->headers['location']);

        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'password', 'password' => 'wrong']);
        self::assertSame(422, $visitor->status);
        self::assertTrue($visitor->has('error'));
        $visitor->post(self::CONFIRM, ['do' => 'password', 'password' => 'secret']);
        self::assertTrue($visitor->has('code'));
        $visitor->get(self::PAGE . '?view=recovery-codes');
        self::assertStringEndsWith(self::CONFIRM, $visitor->headers['location']);
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'answer', 'code' => $phone->wrongCode()]);
        self::assertSame(422, $visitor->status);
        $visitor->post(self::CONFIRM, ['do' => 'answer', 'code' => $phone->code(30)]);
        self::assertSame(self::PAGE . '?view=recovery-codes', $visitor->headers['location']);

        $visitor->get(self::PAGE . '?view=recovery-codes')->post(self::PAGE, ['do' => 'renew-codes']);
        self::assertSame('/civicrm/mfa/sidecar/recovery-codes', $visitor->headers['location']);
        self::assertTrue($visitor->get('/civicrm/mfa/sidecar/recovery-codes')->has('recovery-code'));
        $visitor->post('/civicrm/mfa/sidecar/recovery-codes', ['saved' => '1']);
        self::assertSame(self::PAGE, $visitor->headers['location']);
    }

    public function testWhoHasNothingSetsUpAnAppByThePasswordAlone(): void
    {
        $this->policy(['mode' => 'optional']);
        $id = self::user();
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret');
        self::assertSame($id, $visitor->userId());
        self::assertStringEndsWith(self::CONFIRM, $visitor->get(self::PAGE . '?view=add')->headers['location']);
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'password', 'password' => 'secret']);
        self::assertSame(self::PAGE . '?view=add', $visitor->headers['location']);
        $visitor->get(self::PAGE . '?view=add')->post(self::PAGE, ['do' => 'choose', 'method' => 'totp']);
        $phone = new Phone($visitor->get(self::PAGE . '?view=add')->attribute('data-secret'));
        $visitor->post(self::PAGE, ['do' => 'confirm', 'code' => $phone->code()]);
        self::assertSame('/civicrm/mfa/sidecar/recovery-codes', $visitor->headers['location']);
        self::assertTrue($this->admin->user((string) $id)->enrolled);
    }

    public function testTheProofAndTheConfirmationOfOneUserAreNothingForTheNext(): void
    {
        $this->policy(['mode' => 'optional']);
        $one = self::user();
        $visitor = self::$site->visitor();
        $visitor->password("u$one", 'secret');
        $visitor->get(self::PAGE . '?view=add');
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'password', 'password' => 'secret']);
        self::assertTrue($visitor->get(self::PAGE . '?view=add')->has('set-up-totp'));
        $other = self::user();
        $visitor->password("u$other", 'secret');
        self::assertSame($other, $visitor->userId());
        self::assertStringEndsWith(self::CONFIRM, $visitor->get(self::PAGE . '?view=add')->headers['location']);
    }

    public function testAFormWithoutItsTokenChangesNothing(): void
    {
        $id = self::user();
        [, , $visitor] = self::enroll($id);
        $visitor->get(self::PAGE)->post(self::PAGE, ['csrf' => '', 'do' => 'forget-all']);
        self::assertSame(302, $visitor->status);
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['csrf' => '', 'do' => 'password', 'password' => 'secret']);
        self::assertSame(302, $visitor->status);
        self::assertFalse($visitor->get(self::CONFIRM)->has('code'));
    }

    public function testWhereTheAdministratorLooksAfterItThePageSaysSo(): void
    {
        [, , $visitor] = self::enroll(self::user());
        $this->policy(['self_service' => false]);
        self::assertTrue($visitor->get(self::PAGE)->has('self-service-off'));
    }

    public function testAnOutageIsExplained(): void
    {
        [, , $visitor] = self::enroll(self::user());
        $this->connect('http://127.0.0.1:1');
        self::assertSame(503, $visitor->get(self::PAGE)->status);
        self::assertTrue($visitor->has('blocked'));
        $visitor->get(self::PAGE . '?view=add');
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'password', 'password' => 'secret']);
        self::assertSame(503, $visitor->status);
        $this->connect('');
        self::assertSame(503, $visitor->get(self::PAGE)->status);
        self::assertSame(503, $visitor->get(self::CONFIRM)->status);
    }

    public function testRecoveryCodesWaitTenMinutesToBeSavedAndNoLonger(): void
    {
        $page = '/civicrm/mfa/sidecar/recovery-codes';
        [, , $visitor] = self::enroll(self::user());
        [, , $other] = self::enroll(self::user());
        try {
            self::$site->setClock(590);
            self::assertTrue($visitor->get($page)->has('recovery-code'));
            self::$site->setClock(610);
            self::assertFalse($visitor->get($page)->has('recovery-code'));
            $other->get(self::PAGE);
        } finally {
            self::$site->setClock(0);
        }
        self::assertFalse($visitor->get($page)->has('recovery-code'));
        self::assertFalse($other->get($page)->has('recovery-code'));
    }

    public function testRecoveryCodesAndTheSecretOfASetUpAreSealedInTheSession(): void
    {
        [, $codes] = self::enroll(self::user());
        self::assertCount(10, $codes);
        self::assertStringNotContainsString($codes[0], self::$site->sessions());

        $this->policy(['mode' => 'optional']);
        $id = self::user();
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret');
        $visitor->get(self::PAGE . '?view=add');
        $visitor->get(self::CONFIRM)->post(self::CONFIRM, ['do' => 'password', 'password' => 'secret']);
        $visitor->get(self::PAGE . '?view=add')->post(self::PAGE, ['do' => 'choose', 'method' => 'totp']);
        $secret = $visitor->get(self::PAGE . '?view=add')->attribute('data-secret');
        self::assertNotSame('', $secret);
        self::assertStringNotContainsString($secret, self::$site->sessions());
    }

    public function testPagesWithSecretsAreForNoCacheAndNoFrame(): void
    {
        [, , $visitor] = self::enroll(self::user());
        foreach (['/civicrm/mfa/sidecar/recovery-codes', self::PAGE] as $path) {
            $visitor->get($path);
            self::assertStringContainsString('no-store', $visitor->headers['cache-control']);
            self::assertSame('DENY', $visitor->headers['x-frame-options']);
        }
    }
}
