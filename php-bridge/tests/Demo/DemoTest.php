<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Demo;

use MfaSidecar\Api\Method;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Tests\Support\Browser;
use MfaSidecar\Tests\Support\Demo;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** The demo host before the real service, by a browser without JavaScript. */
final class DemoTest extends TestCase
{
    private static Service $service;
    private static Demo $demo;
    private Browser $browser;

    public static function setUpBeforeClass(): void
    {
        self::$service = new Service();
        self::$demo = new Demo(self::$service->url, self::$service->bridgeKey, self::$service->adminKey);
    }

    public static function tearDownAfterClass(): void
    {
        self::$demo->stop();
        self::$service->stop();
    }

    protected function setUp(): void
    {
        $this->browser = self::$demo->browser();
        $admin = self::$service->admin();
        $admin->changePolicy(PolicyChoice::TotpRequired->toChange(), null);
        foreach (['1', '2', '3'] as $id) {
            self::$service->bridge()->putUser(new \MfaSidecar\Api\User($id, 'fresh'));
            $admin->removeAuthenticators($id, Method::Totp);
        }
    }

    public function testAUserSetsUpSavesTheCodesAndSignsInWithACode(): void
    {
        [$phone] = $this->setUpAlice();
        self::assertSame('home', $this->browser->page());

        $this->browser->post('/logout');
        $this->browser->signIn('alice', 'alice-demo', '/?later')->follow();
        self::assertSame('code', $this->browser->page());
        $this->browser->post('/login/code', ['code' => $phone->wrongCode()]);
        self::assertSame([422, 'code'], [$this->browser->status, $this->browser->page()]);
        self::assertTrue($this->browser->has('error'));
        $this->browser->post('/login/code', ['code' => $phone->code(30)]);
        self::assertSame('/?later', $this->browser->headers['location']);
        self::assertSame('home', $this->browser->follow()->page());
    }

    public function testARecoveryCodeSignsIn(): void
    {
        [, $codes] = $this->setUpAlice();
        $this->browser->post('/logout');
        $this->browser->signIn('alice', 'alice-demo')->follow()->get('/login/recovery');
        $this->browser->post('/login/recovery', ['code' => $codes[0]]);
        self::assertSame('home', $this->browser->follow()->page());
    }

    public function testTheRecoveryCodesComeAsAFileUntilTheyAreSaved(): void
    {
        $this->browser->signIn('alice', 'alice-demo')->follow();
        $phone = new Phone($this->browser->attribute('data-secret'));
        $this->browser->post('/login/setup', ['code' => $phone->code()])->follow();
        $token = $this->browser->token();
        $codes = $this->recoveryCodes();
        self::assertSame('recovery-codes', $this->browser->get('/')->follow()->page());

        $this->browser->post('/recovery-codes/download', ['csrf' => $token]);
        self::assertStringStartsWith('text/plain', $this->browser->headers['content-type']);
        self::assertStringStartsWith('attachment', $this->browser->headers['content-disposition']);
        foreach ($codes as $code) {
            self::assertStringContainsString($code, $this->browser->body);
        }
        self::assertSame(422, $this->browser->post('/recovery-codes', ['csrf' => $token])->status);
        self::assertSame(303, $this->browser->post('/recovery-codes', ['csrf' => $token, 'saved' => '1'])->status);
        self::assertSame('home', $this->browser->get('/recovery-codes')->follow()->page());
    }

    public function testAPendingLoginIsNoSession(): void
    {
        $this->browser->signIn('admin', 'admin-demo')->follow();
        self::assertSame('setup', $this->browser->page());
        self::assertSame('welcome', $this->browser->get('/')->page());
        self::assertSame('/login?return=%2Fadmin%2Fmfa', $this->browser->get('/admin/mfa')->headers['location']);
    }

    public function testTheSessionIdChangesAtEachLevelAndAPlantedOneIsNotTaken(): void
    {
        $planted = str_repeat('a', 26);
        $ids = [$this->browser->setSessionId($planted)->get('/login')->sessionId()];
        self::assertNotSame($planted, $ids[0]);
        $ids[] = $this->browser->signIn('alice', 'alice-demo')->follow()->sessionId();
        $phone = new Phone($this->browser->attribute('data-secret'));
        $ids[] = $this->browser->post('/login/setup', ['code' => $phone->code()])->follow()->sessionId();
        $ids[] = $this->browser->post('/logout')->sessionId();
        self::assertSame($ids, array_unique($ids));

        // What was the pending login's is nobody's now.
        $thief = self::$demo->browser()->setSessionId($ids[1])->get('/');
        self::assertSame('welcome', $thief->page());
    }

    public function testAFormWithoutItsTokenDoesNothing(): void
    {
        $paths = ['/login', '/login/setup', '/login/code', '/login/recovery', '/login/cancel', '/recovery-codes',
            '/recovery-codes/download', '/admin/mfa/policy', '/admin/mfa/remove', '/admin/mfa/unlock', '/logout'];
        $this->setUpAlice();
        foreach ($paths as $path) {
            self::assertSame(403, $this->browser->post($path, ['csrf' => ''])->status, $path);
            self::assertSame(403, $this->browser->post($path, ['csrf' => str_repeat('0', 64)])->status, $path);
        }
        self::assertSame('home', $this->browser->get('/')->page());
    }

    /** @dataProvider foreign */
    public function testAForeignReturnAddressIsNotFollowed(string $return): void
    {
        self::$service->admin()->changePolicy(PolicyChoice::Disabled->toChange(), null);
        $this->browser->signIn('bob', 'bob-demo', $return);
        self::assertSame('/', $this->browser->headers['location']);
    }

    public function foreign(): array
    {
        return [['https://example.org/'], ['//example.org'], ['/\\example.org'], ["/\t/example.org"]];
    }

    public function testEveryPageForbidsFramesScriptsAndCaches(): void
    {
        foreach (['/', '/login', '/login/setup', '/nowhere'] as $path) {
            $headers = $this->browser->get($path)->headers;
            self::assertSame("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                . "form-action 'self'; frame-ancestors 'none'; base-uri 'none'", $headers['content-security-policy']);
            self::assertSame('no-store', $headers['cache-control']);
            self::assertSame('no-referrer', $headers['referrer-policy']);
            self::assertSame('nosniff', $headers['x-content-type-options']);
        }
        self::assertSame(200, $this->browser->get('/assets/mfa-sidecar.js')->status);
    }

    public function testAWrongNameAndAWrongPasswordReadAlike(): void
    {
        $wrongPassword = $this->browser->signIn('alice', 'no');
        self::assertSame(422, $wrongPassword->status);
        $errors = [self::error($wrongPassword), self::error($this->browser->signIn('nobody', 'no'))];
        self::assertSame($errors[0], $errors[1]);
    }

    public function testTheAdministratorSetsThePolicyAndRemovesAnAuthenticator(): void
    {
        $this->setUpAlice();
        self::$service->admin()->changePolicy(PolicyChoice::Disabled->toChange(), null);
        $admin = self::$demo->browser();
        $admin->signIn('admin', 'admin-demo', '/admin/mfa')->follow();
        self::assertTrue($admin->has('remove-2'));
        self::assertFalse($admin->has('remove-3'));

        $etag = self::field($admin, 'etag');
        $admin->post('/admin/mfa/policy', ['policy' => 'totp-required', 'etag' => $etag])->follow();
        self::assertTrue($admin->has('notice'));
        self::assertSame(PolicyChoice::TotpRequired, PolicyChoice::of(self::$service->admin()->policy()));

        $admin->post('/admin/mfa/policy', ['policy' => 'disabled', 'etag' => $etag]);
        self::assertSame([409, true], [$admin->status, $admin->has('error')]);
        self::assertSame(PolicyChoice::TotpRequired, PolicyChoice::of(self::$service->admin()->policy()));

        $admin->get('/admin/mfa/remove?user=2');
        self::assertTrue($admin->has('confirm-remove'));
        $admin->post('/admin/mfa/remove', ['user' => '2'])->follow();
        self::assertFalse($admin->has('remove-2'));
        self::assertSame('setup', self::$demo->browser()->signIn('alice', 'alice-demo')->follow()->page());
    }

    public function testAMemberIsNoAdministrator(): void
    {
        $this->setUpAlice();
        $token = $this->browser->token();
        self::assertSame(403, $this->browser->get('/admin/mfa')->status);
        self::assertSame(403, $this->browser->post('/admin/mfa/remove', ['csrf' => $token, 'user' => '2'])->status);
        self::assertTrue(self::$service->bridge()->user('2')->enrolled);
    }

    public function testWithoutTheServiceNobodyGetsInAndThePageSaysSo(): void
    {
        $demo = new Demo('unix:/nowhere/mfa.sock', self::$service->bridgeKey, self::$service->adminKey);
        try {
            $browser = $demo->browser()->signIn('alice', 'alice-demo');
            self::assertSame([503, true], [$browser->status, $browser->has('error')]);
            self::assertStringContainsString('Nothing is wrong with your account', $browser->body);
            self::assertSame('welcome', $browser->get('/')->page());
            self::assertStringContainsString('mfa-sidecar: POST /v1/logins: no answer', $demo->logged());
            self::assertStringNotContainsString(self::$service->bridgeKey, $demo->logged());
        } finally {
            $demo->stop();
        }
    }

    /** @return array{Phone, list<string>} */
    private function setUpAlice(): array
    {
        $this->browser->signIn('alice', 'alice-demo')->follow();
        self::assertSame('setup', $this->browser->page());
        $phone = new Phone($this->browser->attribute('data-secret'));
        $this->browser->post('/login/setup', ['code' => $phone->code()])->follow();
        self::assertSame('recovery-codes', $this->browser->page());
        $codes = $this->recoveryCodes();
        $this->browser->post('/recovery-codes', ['saved' => '1'])->follow();
        return [$phone, $codes];
    }

    /** @return list<string> */
    private function recoveryCodes(): array
    {
        preg_match_all('/data-testid="recovery-code">([^<]+)</', $this->browser->body, $matches);
        self::assertCount(10, $matches[1]);
        return $matches[1];
    }

    private static function error(Browser $browser): string
    {
        preg_match('/data-testid="error">([^<]+)</', $browser->body, $match);
        return $match[1] ?? '';
    }

    private static function field(Browser $browser, string $name): string
    {
        preg_match("/name=\"$name\" value=\"([^\"]*)\"/", $browser->body, $match);
        return html_entity_decode($match[1]);
    }
}
