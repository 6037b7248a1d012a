<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Tests\Support\Phone;

final class LoginTest extends SiteTestCase
{
    public function testTheMethodIsAnnouncedBesideCoresOwn(): void
    {
        self::assertSame(['TOTP', 'Sidecar'], self::$site->core('mfa-classes'));
    }

    public function testTheFirstLoginSetsUpAnAppAndShowsRecoveryCodesOnce(): void
    {
        $id = self::user();
        $visitor = self::pending($id);
        $visitor->get('/civicrm/mfa/sidecar');
        self::assertSame(200, $visitor->status);
        self::assertTrue($visitor->has('qr') && $visitor->has('copy-secret'));
        self::assertStringContainsString('standalone-auth-form', $visitor->body);
        self::assertStringContainsString('form-control', $visitor->body);
        self::assertSame(0, $visitor->userId());

        [, $codes, $visitor] = self::enroll($id);
        self::assertCount(10, $codes);
        self::assertSame($id, $visitor->userId());
        $visitor->get('/civicrm/mfa/sidecar/recovery-codes');
        $visitor->post('/civicrm/mfa/sidecar/recovery-codes?download=1', []);
        self::assertStringContainsString("u$id at Harbour", $visitor->body);
        self::assertStringContainsString($codes[0], $visitor->body);
        $visitor->get('/civicrm/mfa/sidecar/recovery-codes')->post('/civicrm/mfa/sidecar/recovery-codes', []);
        self::assertSame(422, $visitor->status);
        $visitor->post('/civicrm/mfa/sidecar/recovery-codes', ['saved' => '1']);
        self::assertSame('/civicrm/home', $visitor->headers['location']);
        self::assertSame(302, $visitor->get('/civicrm/mfa/sidecar/recovery-codes')->status);
    }

    public function testThePageWithTheRecoveryCodesLeadsToWhereThePersonWanted(): void
    {
        $id = self::user();
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret', ['originalUrl' => '/civicrm/contact/search']);
        $phone = new Phone($visitor->get('/civicrm/mfa/sidecar')->attribute('data-secret'));
        $visitor->answer(['do' => 'confirm', 'code' => $phone->code()]);
        $visitor->get('/civicrm/mfa/sidecar/recovery-codes');
        $visitor->post('/civicrm/mfa/sidecar/recovery-codes', ['saved' => '1']);
        self::assertSame('/civicrm/contact/search', $visitor->headers['location']);
    }

    public function testWhoHasAnAppIsAskedForItAndTakenToWhereTheyWanted(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::$site->visitor();
        $here = self::$site->url . '/civicrm/contact/view?cid=7#tab';
        $visitor->password("u$id", 'secret', ['originalUrl' => $here]);
        $answer = $visitor->answer(['do' => 'answer', 'method' => 'totp', 'code' => $phone->code(30)]);
        self::assertSame('/civicrm/contact/view?cid=7#tab', $answer['url']);
        self::assertSame($id, $visitor->userId());
    }

    public function testACodeAloneIsAnAnswerAsOfCoresOwnMethod(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        self::assertSame('/civicrm/home', $visitor->answer($phone->code(30))['url']);
        self::assertSame($id, $visitor->userId());
    }

    public function testAWrongCodeIsExplainedAndTheFifthEndsTheLogin(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        $answer = $visitor->answer($phone->wrongCode());
        self::assertStringContainsString('you have 4 tries left', $answer['publicError']);
        self::assertArrayNotHasKey('url', $answer);
        for ($i = 0; $i < 3; $i++) {
            $visitor->answer($phone->wrongCode());
        }
        $answer = $visitor->answer($phone->wrongCode());
        self::assertSame('/civicrm/login', $answer['url']);
        self::assertStringContainsString('too many wrong codes', $visitor->get('/civicrm/login')->body);
        self::assertSame(0, $visitor->userId());
        self::assertSame('/civicrm/login', $visitor->answer($phone->code(30))['url']);
        self::assertSame(0, $visitor->userId());
    }

    public function testTheSameCodeLetsInOnce(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $code = $phone->code(30);
        self::pending($id)->answer($code);
        $visitor = self::pending($id);
        self::assertArrayHasKey('publicError', $visitor->answer($code));
        self::assertSame(0, $visitor->userId());
    }

    public function testARecoveryCodeLetsInByTheFormOfABrowserWithoutJavaScript(): void
    {
        $id = self::user();
        [, $codes] = self::enroll($id);
        $visitor = self::pending($id);
        $page = '/civicrm/mfa/sidecar?recovery=1';
        self::assertStringContainsString("href=\"$page\"", $visitor->get('/civicrm/mfa/sidecar')->body);
        $visitor->get($page);
        self::assertTrue($visitor->has('recovery-code-input'));
        $visitor->post($page, ['do' => 'answer', 'method' => 'recovery_code', 'code' => $codes[0]]);
        self::assertSame('/civicrm/home', $visitor->headers['location']);
        self::assertSame($id, $visitor->userId());
    }

    public function testTheFormPostIsTheSameWayInAndNeedsItsToken(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        $code = ['do' => 'answer', 'method' => 'totp', 'code' => $phone->code(30)];
        $visitor->get('/civicrm/mfa/sidecar')->post('/civicrm/mfa/sidecar', ['csrf' => 'no'] + $code);
        self::assertTrue($visitor->has('notice'));
        self::assertSame(0, $visitor->userId());

        $visitor->get('/civicrm/mfa/sidecar')->post('/civicrm/mfa/sidecar', ['code' => $phone->wrongCode()] + $code);
        self::assertSame(422, $visitor->status);
        self::assertStringContainsString('tries left', $visitor->text('error'));
        $visitor->post('/civicrm/mfa/sidecar', $code);
        self::assertSame(302, $visitor->status);
        self::assertSame($id, $visitor->userId());
    }

    public function testWhoCancelsHasToGiveThePasswordAgain(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        $visitor->get('/civicrm/mfa/sidecar')->post('/civicrm/mfa/sidecar', ['do' => 'cancel']);
        self::assertSame('/civicrm/login', $visitor->headers['location']);
        self::assertSame('/civicrm/login', $visitor->get('/civicrm/mfa/sidecar')->headers['location']);
        $visitor->answer($phone->code(30));
        self::assertSame(0, $visitor->userId());
    }

    public function testTheSetUpOutlivesCoresTwoMinutes(): void
    {
        // Core asks its own record for the expiry; the page would send back to the login if it were core's.
        $id = self::user();
        $visitor = self::pending($id);
        $visitor->get('/civicrm/mfa/sidecar');
        $session = file_get_contents(self::$site->environment()['STANDIN_DIR'] . '/sess_'
            . $visitor->cookies()['SESSCIVISO']);
        self::assertSame(1, preg_match('/s:6:"expiry";i:(\d+)/', $session, $match));
        self::assertGreaterThan(time() + 500, (int) $match[1]);
    }

    public function testTheSessionHasAnotherIdentifierAtEachLevel(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::$site->visitor()->get('/civicrm/login');
        $planted = $visitor->cookies()['SESSCIVISO'];
        $visitor->password("u$id", 'secret');
        $pending = $visitor->cookies()['SESSCIVISO'];
        $visitor->answer($phone->code(30));
        $signedIn = $visitor->cookies()['SESSCIVISO'];
        self::assertCount(3, array_unique([$planted, $pending, $signedIn]));

        // Who has planted the first one sees neither the page of the second step nor the recovery codes.
        $attacker = self::$site->visitor()->setCookie('SESSCIVISO', $planted);
        self::assertSame('/civicrm/login', $attacker->get('/civicrm/mfa/sidecar')->headers['location']);
        $attacker = self::$site->visitor()->setCookie('SESSCIVISO', $pending);
        self::assertSame('/civicrm/login', $attacker->get('/civicrm/mfa/sidecar')->headers['location']);
        self::assertSame(0, $attacker->userId());
    }

    public function testAnEnrolmentLeavesNothingInTheSessionFromBeforeTheLogin(): void
    {
        $id = self::user();
        $visitor = self::pending($id);
        $pending = $visitor->cookies()['SESSCIVISO'];
        $phone = new Phone($visitor->get('/civicrm/mfa/sidecar')->attribute('data-secret'));
        $visitor->answer(['do' => 'confirm', 'code' => $phone->code()]);
        $old = self::$site->environment()['STANDIN_DIR'] . "/sess_$pending";
        self::assertStringNotContainsString('"codes"', is_file($old) ? (string) file_get_contents($old) : '');
    }

    public function testCodesByMailAndTextMessageAreChosenSetUpAndAsked(): void
    {
        $this->policy(['methods' => ['totp', 'email', 'sms']]);
        $id = self::user();
        $visitor = self::pending($id);
        $visitor->get('/civicrm/mfa/sidecar');
        self::assertTrue($visitor->has('set-up-totp') && $visitor->has('set-up-email') && $visitor->has('set-up-sms'));
        $next = ['url' => '/civicrm/mfa/sidecar'];
        self::assertSame($next, $visitor->answer(['do' => 'choose', 'method' => 'email']));
        self::assertTrue($visitor->get('/civicrm/mfa/sidecar')->has('send-known'));
        self::assertSame($next, $visitor->answer(['do' => 'set-up-known', 'method' => 'email']));
        $code = self::$postOffice->code("u$id@example.org");
        $answer = $visitor->answer(['do' => 'confirm', 'code' => $code]);
        self::assertSame('/civicrm/mfa/sidecar/recovery-codes', $answer['url']);

        // The next code to the same address so soon after is refused, with a sentence.
        $visitor = self::pending($id);
        self::assertTrue($visitor->get('/civicrm/mfa/sidecar')->has('send-code'));
        $answer = $visitor->answer(['do' => 'resend']);
        self::assertStringContainsString('A code can be sent only now and then', $answer['publicError']);
        self::assertArrayNotHasKey('url', $answer);
    }

    public function testATrustedBrowserIsSignedInByThePasswordAndItsCookieIsReplaced(): void
    {
        $this->policy(['trusted_device_days' => 30]);
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        $visitor->answer(['do' => 'answer', 'method' => 'totp', 'code' => $phone->code(30), 'trust' => '1']);
        $token = $visitor->cookies()['mfa_trusted_browser'];
        self::assertMatchesRegularExpression('/HttpOnly.*SameSite=Lax/i', $visitor->headers['set-cookie']);

        $again = self::$site->visitor()->setCookie('mfa_trusted_browser', $token);
        $before = $again->get('/civicrm/login')->cookies()['SESSCIVISO'];
        self::assertSame('/civicrm/home', $again->password("u$id", 'secret')['url']);
        self::assertSame($id, $again->userId());
        self::assertNotSame($before, $again->cookies()['SESSCIVISO']);
        self::assertNotSame($token, $again->cookies()['mfa_trusted_browser']);

        $other = self::user();
        self::enroll($other);
        $thief = self::$site->visitor()->setCookie('mfa_trusted_browser', $again->cookies()['mfa_trusted_browser']);
        self::assertSame('/civicrm/mfa/sidecar', $thief->password("u$other", 'secret')['url']);
        self::assertSame(0, $thief->userId());
    }

    public function testInTimeOfGraceThePersonIsToldAndGoesOn(): void
    {
        $this->policy(['grace_period_days' => 7]);
        $id = self::user();
        $visitor = self::$site->visitor();
        $answer = $visitor->password("u$id", 'secret', ['originalUrl' => '/civicrm/contact/search']);
        self::assertSame('/civicrm/mfa/sidecar/soon', $answer['url']);
        self::assertSame($id, $visitor->userId());
        $visitor->get($answer['url']);
        self::assertTrue($visitor->has('set-up-now'));
        self::assertStringContainsString('href="/civicrm/contact/search"', $visitor->body);
        // The password was typed a moment ago.
        self::assertTrue($visitor->get('/civicrm/my-account/mfa?view=add')->has('set-up-totp'));
    }

    public function testRolesDecideWhoHasToSetUp(): void
    {
        $this->policy(['required_roles' => ['admin']]);
        $staff = self::user();
        $visitor = self::$site->visitor();
        self::assertSame('/civicrm/home', $visitor->password("u$staff", 'secret')['url']);
        self::assertSame($staff, $visitor->userId());
        self::pending(self::user(['admin', 'staff']));
    }

    public function testAnotherPasswordEndsALoginThatIsOpen(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $old = self::pending($id);
        self::$site->addUser($id, "u$id", 'changed');
        self::$site->visitor()->password("u$id", 'changed');
        self::assertSame('/civicrm/login', $old->answer($phone->code(30))['url']);
        self::assertSame(0, $old->userId());
    }

    public function testThePagesAreInTheLanguageOfTheSite(): void
    {
        self::$site->setLocale('de_DE');
        try {
            $visitor = self::pending(self::user());
            $visitor->get('/civicrm/mfa/sidecar');
            self::assertStringContainsString('Richten Sie', $visitor->body);
        } finally {
            self::$site->setLocale('en_US');
        }
    }

    public function testWhoIsSignedInOrHasNoPendingLoginIsSentAway(): void
    {
        $visitor = self::$site->visitor();
        self::assertSame('/civicrm/login', $visitor->get('/civicrm/mfa/sidecar')->headers['location']);
        $pages = ['/civicrm/mfa/sidecar/recovery-codes', '/civicrm/mfa/sidecar/soon', '/civicrm/my-account/mfa'];
        foreach ($pages as $path) {
            self::assertSame('/civicrm/login', $visitor->get($path)->headers['location'], $path);
        }
        [, , $signedIn] = self::enroll(self::user());
        self::assertSame('/civicrm/home', $signedIn->get('/civicrm/mfa/sidecar')->headers['location']);
    }
}
