<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Faults;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\DeliveryState;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Transport;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarUnavailable;
use MfaSidecar\Tests\Support\ScriptedServer;
use PHPUnit\Framework\TestCase;

/** What the calls send, and how they read what comes. */
final class ClientTest extends TestCase
{
    private ScriptedServer $server;

    protected function tearDown(): void
    {
        $this->server->stop();
    }

    public function testACodeGoesToTheAuthenticatorThatThePersonChose(): void
    {
        $client = $this->serve(ScriptedServer::answer(202, ScriptedServer::delivery()));
        $sent = $client->sendCode('login-0123456789abcdef', Method::Email, 'auth-1');
        self::assertSame(['method' => 'email', 'authenticator_id' => 'auth-1'], $this->sent());
        self::assertSame('a••••@example.org', $sent->destination);
        self::assertSame(DeliveryState::Accepted, $sent->state);
    }

    public function testALoginTellsWhereItsCodeWentWhatIsKnownAndHowLongABrowserMayBeTrusted(): void
    {
        $login = $this->serve(ScriptedServer::login(200, [
            'methods' => [
                ['method' => 'email', 'authenticator_id' => 'a', 'destination' => 'a••••@example.org'],
                ['method' => 'email', 'authenticator_id' => 'b', 'destination' => 'b••••@example.org'],
                ['method' => 'one_time_pass'],
            ],
            'sent_code' => ScriptedServer::delivery(['delivery' => 'failed', 'resend_after' => 0]),
            'known_destinations' => ['sms' => '+1 •••• 00'],
            'trusted_device_days' => 30,
            'grace_ends_at' => '2030-01-02T03:04:05Z',
            'recovery_codes_remaining' => 3,
        ]))->login('login-0123456789abcdef');
        self::assertSame('b••••@example.org', $login->find(Method::Email, 'b')->destination);
        self::assertSame('a', $login->find(Method::Email)->authenticatorId);
        self::assertNull($login->find(Method::Email, 'c'));
        self::assertSame(DeliveryState::Failed, $login->sentCode->state);
        self::assertSame(['sms' => '+1 •••• 00'], $login->knownDestinations);
        self::assertSame([30, 3], [$login->trustedDeviceDays, $login->recoveryCodesRemaining]);
        self::assertSame('2030-01-02', $login->graceEndsAt->format('Y-m-d'));
    }

    public function testAStepUpGoesInAHeaderOfItsOwnAndCannotAddAnother(): void
    {
        $client = $this->serve(ScriptedServer::answer(204, ''));
        $client->withStepUp("login-1\r\nMfa-Actor: 1")->disable('42');
        $headers = $this->server->requests()[0]['headers'];
        self::assertContains('Mfa-Step-Up: login-1Mfa-Actor:1', $headers);
        self::assertSame('POST /v1/users/42/disable HTTP/1.1', $this->server->requests()[0]['request']);
    }

    /** @dataProvider notIds */
    public function testAnIdFromAFormCannotReachAnotherRoute(string $id): void
    {
        $client = $this->serve(ScriptedServer::answer(204, ''));
        try {
            $client->forgetTrustedDevice('42', $id);
            self::fail('There is no such device.');
        } catch (Problem $problem) {
            self::assertSame(ProblemCode::AuthenticatorNotFound, $problem->problem);
        }
        self::assertSame([], $this->server->requests());
    }

    public function notIds(): array
    {
        return [[''], ['.'], ['..']];
    }

    public function testAnOddIdStaysOneSegment(): void
    {
        $this->serve(ScriptedServer::answer(204, ''))->removeAuthenticator('42', '../../43?x#');
        self::assertStringContainsString(
            '/v1/users/42/authenticators/..%2F..%2F43%3Fx%23 ',
            $this->server->requests()[0]['request'],
        );
    }

    public function testSetUpInSelfServiceSendsWhatWasGivenAndNeedsAnId(): void
    {
        $answer = ['method' => 'sms', 'destination' => '+43 •••• 67', 'expires_at' => '2030-01-02T03:04:05Z',
            'resend_after' => 30];
        $client = $this->serve(
            ScriptedServer::answer(201, ['id' => 'e1'] + $answer),
            ScriptedServer::answer(201, $answer),
        );
        $enrollment = $client->beginOwnEnrollment('42', Method::Sms, 'Work', '0664 1234567', 'AT');
        self::assertSame('e1', $enrollment->id);
        self::assertSame(
            ['method' => 'sms', 'name' => 'Work', 'destination' => '0664 1234567', 'country' => 'AT'],
            $this->sent(),
        );
        $this->expectException(SidecarUnavailable::class);
        $client->beginOwnEnrollment('42', Method::Sms);
    }

    public function testWhatAUserHasIsReadWithDevicesAndAnEmptyObjectIsNoList(): void
    {
        $user = $this->serve(ScriptedServer::user())->user('42');
        self::assertSame('e-1', $user->authenticator('e-1')->id);
        self::assertNull($user->authenticator('e-9'));
        self::assertSame(['totp', 'email'], $user->enrolledMethods());
        self::assertSame('Firefox on Linux', $user->trustedDevices[0]->name);
        self::assertTrue($user->required);
        self::assertSame([Method::Totp, Method::Email], $user->enrollable);
        self::assertSame([], $user->knownDestinations);
    }

    public function testARefusedMemberIsNamed(): void
    {
        $client = $this->serve(ScriptedServer::problem(400, 'invalid-request', [
            'errors' => [['field' => 'destination', 'message' => 'is no number']],
        ]));
        try {
            $client->beginEnrollment('login-0123456789abcdef', Method::Sms, '12', 'DE');
            self::fail('That is no number.');
        } catch (Problem $problem) {
            self::assertSame(['destination'], $problem->fields);
        }
    }

    public function testCountriesAndOneTimePassesAreRead(): void
    {
        $client = $this->serve(
            ScriptedServer::answer(200, ['countries' => [['country' => 'AT', 'calling_code' => '+43']]]),
            ScriptedServer::answer(201, ['code' => 'ABCD-EFGH', 'expires_at' => '2030-01-02T03:04:05Z']),
        );
        self::assertSame('+43', $client->smsCountries()[0]->callingCode);
        $pass = $client->issueOneTimePass('42', 600);
        self::assertSame('ABCD-EFGH', $pass->code);
        self::assertStringNotContainsString('ABCD', print_r($pass, true));
        self::assertSame(['expires_in' => 600], $this->sent(1));
    }

    private function serve(array ...$answers): Client
    {
        $this->server = new ScriptedServer(...$answers);
        return new Client(new Transport($this->server->url, 'key'));
    }

    private function sent(int $number = 0): array
    {
        return json_decode($this->server->requests()[$number]['body'], true);
    }
}
