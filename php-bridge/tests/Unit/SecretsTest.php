<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\OneTimePass;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Api\Response;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\TrustedDevice;
use MfaSidecar\Error\SidecarUnavailable;
use MfaSidecar\Flow\PendingLogin;
use MfaSidecar\Flow\Stage;
use PHPUnit\Framework\TestCase;

final class SecretsTest extends TestCase
{
    private const SECRET = 'SECRET-THAT-NOBODY-SEES';

    /** @dataProvider holders */
    public function testADumpDoesNotShowTheSecret(object $holder): void
    {
        ob_start();
        var_dump($holder);
        $dump = ob_get_clean() . print_r($holder, true);
        self::assertStringNotContainsString(self::SECRET, $dump);
    }

    public function holders(): array
    {
        $now = new \DateTimeImmutable();
        return [
            [new Transport('http://127.0.0.1:1', self::SECRET)],
            [new Client(new Transport('unix:/nowhere.sock', self::SECRET))],
            [(new Client(new Transport('http://127.0.0.1:1', 'key')))->withStepUp(self::SECRET)],
            [new OneTimePass(self::SECRET, $now)],
            [new Enrollment(Method::Totp, $now, self::SECRET, 'otpauth://' . self::SECRET, self::SECRET, null, null)],
            [new PendingLogin(self::SECRET, '42', 'alice', Purpose::Login, Stage::Challenge, 0, 0)],
            [new TrustedDevice(self::SECRET, $now)],
            [new Response(200, 'application/json', null, self::SECRET)],
        ];
    }

    public function testAnErrorTellsTheOperationButNotTheCodeTheKeyOrTheLogin(): void
    {
        $client = new Client(new Transport('http://127.0.0.1:1', 'KEY' . self::SECRET));
        try {
            $client->answer('LOGIN' . self::SECRET, Method::Totp, 'CODE' . self::SECRET);
            self::fail('Nobody answers there.');
        } catch (SidecarUnavailable $error) {
            self::assertStringContainsString('POST /v1/logins/{login_id}/answer', $error->getMessage());
            self::assertStringNotContainsString(self::SECRET, $error->getMessage());
            if (PHP_VERSION_ID >= 80200) {
                self::assertStringNotContainsString(self::SECRET, (string) $error);
            }
        }
    }

    public function testATransportIsNotSerialized(): void
    {
        $this->expectException(\LogicException::class);
        serialize(new Transport('http://127.0.0.1:1', self::SECRET));
    }

    public function testAKeyCannotAddAHeader(): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new Transport('http://127.0.0.1:1', "key\r\nMfa-Actor: 1");
    }

    /** @dataProvider otherUrls */
    public function testOnlyTheServicesKindsOfAddressAreTaken(string $url): void
    {
        $this->expectException(\InvalidArgumentException::class);
        new Transport($url, 'key');
    }

    public function otherUrls(): array
    {
        return [[''], ['127.0.0.1:8787'], ['file:///etc/passwd'], ['gopher://127.0.0.1'], ['http://a b'], ['unix:rel']];
    }
}
