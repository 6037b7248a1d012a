<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit\WordPress;

use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Flow\Proof;
use MfaSidecar\Page\Message;
use MfaSidecar\WordPress\Login\SessionMark;
use MfaSidecar\WordPress\Login\Sessions;

final class SessionsTest extends WordPressTestCase
{
    public function testATicketIsGoodForOneUser(): void
    {
        $sessions = new Sessions([]);
        self::assertFalse($sessions->takeTicket(7));
        $sessions->admit(7, new SessionMark('totp', 1));
        self::assertFalse($sessions->takeTicket(8), 'not for another user');
        self::assertFalse($sessions->takeTicket(7), 'and gone with the attempt');
        $sessions->admit(7, new SessionMark('totp', 1));
        self::assertTrue($sessions->takeTicket(7));
        self::assertTrue($sessions->takeTicket(7), 'a plugin may renew the cookie that has gone out');
        self::assertSame('totp', $sessions->attach([], 7)[SessionMark::KEY]['how']);
        self::assertFalse($sessions->takeTicket(8));
    }

    public function testOnlyACookieThatCameWithTheRequestIsASession(): void
    {
        $sessions = new Sessions(['wordpress_logged_in_x' => 'anna|1700000000|came|hmac', 'odd' => ['array']]);
        $anna = new \WP_User(7, 'anna');
        foreach ([['token' => 'made'], ['token' => ''], ['token' => ['x']], [], 'came', null] as $elements) {
            $sessions->remember($elements, $anna);
            self::assertFalse($sessions->isSignedIn(7));
        }
        $sessions->remember(['token' => 'came'], null);
        self::assertFalse($sessions->isSignedIn(7));
        $sessions->remember(['token' => 'came'], $anna);
        self::assertTrue($sessions->isSignedIn(7));
        self::assertFalse($sessions->isSignedIn(8));
    }

    public function testOnlyASessionThatAFactorStandsBehindIsRenewedWithoutTheService(): void
    {
        $proof = new Proof('login-1', '7', Purpose::Login, Method::Totp, 1700000000);
        $marks = [
            'before the plugin' => null,
            'in the period of grace' => new SessionMark('grace', 1700000000),
            'confirmed by the password alone' => (new SessionMark('not_enrolled', 1))->confirmed(null, 2),
            'proven' => new SessionMark('totp', 1700000000, $proof),
            'proven since' => (new SessionMark('grace', 1700000000))->confirmed($proof, 1700000000),
        ];
        foreach ($marks as $case => $mark) {
            $session = $mark === null ? [] : [SessionMark::KEY => $mark->toArray()];
            $GLOBALS['standIn']['sessions'][7]['came'] = $session;
            $sessions = new Sessions(['c' => 'anna|1|came|x']);
            self::assertFalse($sessions->takeTicket(7), 'no cookie came');
            $sessions->remember(['token' => 'came'], new \WP_User(7, 'anna'));
            self::assertTrue($sessions->isSignedIn(7));
            self::assertSame($mark?->proof !== null, $sessions->takeTicket(7), $case);
            self::assertSame($mark?->proof !== null, $sessions->isProven(7), $case);
            self::assertFalse($sessions->isProven(8));
            $sessions->admit(7, new SessionMark('not_required', 3));
            self::assertTrue($sessions->takeTicket(7), 'the service has let them pass');
        }
    }

    public function testARenewedSessionInheritsTheMarkAndAForgedOneDoesNotCount(): void
    {
        $mark = new SessionMark('totp', 1700000000);
        $GLOBALS['standIn']['sessions'][7]['came'] = [SessionMark::KEY => $mark->toArray(), 'ip' => '::1'];
        $sessions = new Sessions(['c' => 'anna|1|came|x']);
        $forged = [SessionMark::KEY => ['how' => 'totp', 'at' => 9], 'ip' => '::1'];
        self::assertSame(['ip' => '::1'], $sessions->attach($forged, 7));
        $sessions->remember(['token' => 'came'], new \WP_User(7, 'anna'));
        self::assertEquals($mark->toArray(), $sessions->attach($forged, 7)[SessionMark::KEY]);
        self::assertSame([], $sessions->attach(null, 8));
        $sessions->admit(8, new SessionMark('recovery_code', 5));
        self::assertSame('recovery_code', $sessions->attach([], 8)[SessionMark::KEY]['how']);
    }

    public function testAMarkSurvivesTheSessionAndKeepsWhatIsAddedToIt(): void
    {
        $GLOBALS['standIn'] = ['currentUser' => 7, 'sessionToken' => 'came'];
        $GLOBALS['standIn']['sessions'][7]['came'] = ['ip' => '::1'];
        $sessions = new Sessions([]);
        self::assertNull($sessions->mark());
        $proof = new Proof('login-1', '7', Purpose::StepUp, Method::Totp, 1700000100);
        $mark = (new SessionMark('totp', 1700000000))
            ->withWelcome(true)
            ->confirmed($proof, 1700000200)
            ->withNotice(new Message('notice.few_recovery_codes', ['count' => 2]));
        $sessions->update($mark);
        self::assertEquals($mark, $sessions->mark());
        self::assertSame('::1', $GLOBALS['standIn']['sessions'][7]['came']['ip']);
        self::assertEquals($proof, $sessions->mark()->confirmed(null, 1700000300)->proof);
    }

    public function testWhatIsNoMarkIsNone(): void
    {
        foreach ([null, '', [], ['how' => 'totp'], 7] as $fields) {
            self::assertNull(SessionMark::fromArray($fields));
        }
    }
}
