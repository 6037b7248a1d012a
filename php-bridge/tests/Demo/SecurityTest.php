<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Demo;

use MfaSidecar\Tests\Support\Browser;
use MfaSidecar\Tests\Support\Demo;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\PostOffice;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** The demo's pages around every factor, by a browser without JavaScript. */
final class SecurityTest extends TestCase
{
    private const RULES = ['mode' => 'optional', 'methods' => ['totp', 'email', 'sms'], 'grace_period_days' => 0,
        'trusted_device_days' => 0, 'required_roles' => [], 'exempt_roles' => [], 'self_service' => true];

    private PostOffice $postOffice;
    private Service $service;
    private Demo $demo;
    private Browser $browser;
    /** @var list<string> */
    private array $recoveryCodes = [];

    protected function setUp(): void
    {
        $this->postOffice = new PostOffice();
        $this->service = new Service(settings: $this->postOffice->environment);
        $this->demo = new Demo($this->service->url, $this->service->bridgeKey, $this->service->adminKey);
        $this->browser = $this->demo->browser();
        $this->rule();
    }

    protected function tearDown(): void
    {
        $this->demo->stop();
        $this->service->stop();
        $this->postOffice->close();
    }

    public function testAChangeAsksForThePasswordAndBringsThePersonBack(): void
    {
        $this->signIn();
        $this->browser->get('/security');
        self::assertSame('off', $this->browser->attribute('data-state'));
        $this->browser->get('/security?view=add&method=email')->follow();
        self::assertSame('step-up', $this->browser->page());
        $this->browser->post('/step-up', ['password' => 'wrong']);
        self::assertSame([422, true], [$this->browser->status, $this->browser->has('error')]);
        $this->browser->post('/step-up', ['password' => 'alice-demo']);
        self::assertSame('/security?view=add&method=email', $this->browser->headers['location']);
        self::assertSame('security-add', $this->browser->follow()->page());

        $this->browser->post('/security', ['do' => 'set-up-known', 'method' => 'email'])->follow();
        self::assertTrue($this->browser->has('code'));
        $code = $this->postOffice->code('alice@harbour.example');
        $this->browser->post('/security', ['do' => 'confirm', 'code' => $code])->follow();
        self::assertSame('recovery-codes', $this->browser->page());
        $this->browser->get('/security');
        self::assertSame('/recovery-codes', $this->browser->headers['location'], 'not before they are saved');
        $this->browser->follow()->post('/recovery-codes', ['saved' => '1'])->follow();
        self::assertSame(['security', 'on'], [$this->browser->page(), $this->browser->attribute('data-state')]);
    }

    public function testAPasswordAndAnExportTakeAFreshStepUp(): void
    {
        $phone = $this->enrollApp();
        // A session of its own: the one above has just confirmed who is there.
        $this->browser->post('/logout');
        $this->signIn();
        $this->browser->post('/login/code', ['code' => $phone->code(30)])->follow();
        self::assertSame('/step-up?return=%2Fexport', $this->browser->get('/export')->headers['location']);
        self::assertSame('/step-up?return=%2Fpassword', $this->browser->get('/password')->headers['location']);
        $this->browser->follow()->post('/step-up', ['password' => 'alice-demo'])->follow();
        self::assertSame('code', $this->browser->page());
        self::assertSame(403, $this->browser->post('/export', ['csrf' => ''])->status);
        $this->browser->get('/step-up/recovery')->post('/step-up/recovery', ['code' => $this->recoveryCodes[0]]);
        self::assertSame('/password', $this->browser->headers['location']);

        self::assertSame(422, $this->changePassword('short', 'short')->status);
        self::assertSame(422, $this->changePassword('long enough', 'but different')->status);
        $elsewhere = $this->demo->browser();
        $elsewhere->signIn('alice', 'alice-demo')->follow()->get('/login/recovery');
        $elsewhere->post('/login/recovery', ['code' => $this->recoveryCodes[1]]);
        self::assertSame('home', $elsewhere->follow()->page());
        self::assertSame('/security', $this->changePassword('long enough', 'long enough')->headers['location']);
        self::assertSame('security', $this->browser->follow()->page());
        self::assertSame('welcome', $elsewhere->get('/')->page());

        $this->browser->get('/export');
        self::assertSame('export', $this->browser->page());
        $this->browser->post('/export');
        self::assertSame('application/json', $this->browser->headers['content-type']);
        self::assertSame('alice', json_decode($this->browser->body, true)['name']);
        self::assertSame(422, $this->demo->browser()->signIn('alice', 'alice-demo')->status);
    }

    public function testATrustedBrowserSkipsTheCodeUntilItIsForgotten(): void
    {
        $this->rule(['trusted_device_days' => 7]);
        $phone = $this->enrollApp();
        $this->browser->post('/logout');
        $this->signIn();
        self::assertTrue($this->browser->has('trust-device'));
        $this->browser->post('/login/code', ['code' => $phone->code(30), 'trust' => '1']);
        $cookie = $this->browser->headers['set-cookie'];
        self::assertMatchesRegularExpression('~; path=/login; HttpOnly; SameSite=Lax~', $cookie);
        $this->browser->follow()->post('/logout');
        self::assertSame('home', $this->signIn()->page());
        self::assertTrue($this->browser->get('/security')->has('trusted-device'));

        $this->browser->post('/security', ['do' => 'forget-all'])->follow();
        self::assertTrue($this->browser->has('no-trusted-devices'));
        $this->browser->post('/logout');
        self::assertSame('code', $this->signIn()->page());
    }

    public function testWithinTheGraceThePersonIsRemindedAndCanSetUpAtOnce(): void
    {
        $this->rule(['mode' => 'required', 'grace_period_days' => 7]);
        $this->browser->signIn('alice', 'alice-demo', '/?later')->follow();
        self::assertSame('grace', $this->browser->page());
        self::assertStringContainsString('href="/?later"', $this->browser->body);
        self::assertSame('home', $this->browser->get('/')->page());
        self::assertSame('security-add', $this->browser->get('/security?view=add')->page());
    }

    public function testTheAdministratorSetsTheRulesAndIssuesAPassThatIsShownOnce(): void
    {
        $this->enrollApp();
        $admin = $this->demo->browser();
        $admin->signIn('admin', 'admin-demo', '/admin/mfa')->follow();
        preg_match('/name="etag" value="([^"]*)"/', $admin->body, $match);
        $rules = ['etag' => html_entity_decode($match[1]), 'mode' => 'required', 'methods' => ['email'],
            'grace_period_days' => '3', 'trusted_device_days' => '9', 'required_roles' => ['member'],
            'self_service' => '1', 'replace_weak_secrets' => '1'];
        self::assertTrue($admin->has('rules-replace-weak'));
        self::assertSame(422, $admin->post('/admin/mfa/rules', ['methods' => ''] + $rules)->status);
        self::assertSame(422, $admin->post('/admin/mfa/rules', ['grace_period_days' => '-1'] + $rules)->status);
        $admin->post('/admin/mfa/rules', $rules)->follow();
        self::assertTrue($admin->has('notice'));
        $policy = $this->service->admin()->policy();
        self::assertSame(['required', ['email'], 3, 9, ['member'], [], true, true], [$policy->mode->value,
            $policy->methods, $policy->gracePeriodDays, $policy->trustedDeviceDays, $policy->requiredRoles,
            $policy->exemptRoles, $policy->selfService, $policy->replaceWeakSecrets]);
        self::assertSame(409, $admin->post('/admin/mfa/rules', $rules)->status);

        $admin->get('/admin/mfa/pass?user=2')->post('/admin/mfa/pass', ['user' => '2'])->follow();
        preg_match('/data-testid="one-time-pass">([^<]+)</', $admin->body, $match);
        self::assertFalse($admin->get('/admin/mfa/pass?user=2')->has('one-time-pass'));

        $alice = $this->demo->browser();
        $alice->signIn('alice', 'alice-demo')->follow();
        $alice->post('/login/code', ['do' => 'choose', 'method' => 'one_time_pass'])->follow();
        $alice->post('/login/code', ['method' => 'one_time_pass', 'code' => $match[1]])->follow();
        self::assertSame('setup', $alice->page());
        self::assertTrue($alice->has('send-known'));
    }

    public function testWhatIsNotOneselfsIsNotShown(): void
    {
        foreach (['/security', '/password', '/export', '/step-up', '/grace'] as $path) {
            $location = $this->browser->get($path)->headers['location'];
            self::assertSame('/login?return=' . rawurlencode($path), $location);
        }
        $this->signIn();
        foreach (['/security', '/step-up', '/step-up/code', '/step-up/cancel', '/password', '/export'] as $path) {
            self::assertSame(403, $this->browser->post($path, ['csrf' => '', 'do' => 'disable'])->status, $path);
        }
        self::assertSame(403, $this->browser->get('/admin/mfa/pass?user=3')->status);
    }

    public function testWhereSelfServiceIsOffThePageSaysSo(): void
    {
        $this->enrollApp();
        $this->rule(['self_service' => false]);
        $this->browser->get('/security');
        self::assertTrue($this->browser->has('self-service-off'));
        foreach (['add-authenticator', 'remove', 'renew-codes', 'disable'] as $testId) {
            self::assertFalse($this->browser->has($testId), $testId);
        }
    }

    private function changePassword(string $password, string $again): Browser
    {
        $fields = ['new_password' => $password, 'new_password_again' => $again];
        return $this->browser->get('/password')->post('/password', $fields);
    }

    private function rule(array $rules = []): void
    {
        $this->service->admin()->changePolicy($rules + self::RULES, null);
    }

    private function signIn(): Browser
    {
        return $this->browser->signIn('alice', 'alice-demo')->follow();
    }

    private function enrollApp(): Phone
    {
        $this->signIn();
        $this->browser->get('/security?view=add')->follow()->post('/step-up', ['password' => 'alice-demo'])->follow();
        $this->browser->post('/security', ['do' => 'choose', 'method' => 'totp'])->follow();
        $phone = new Phone($this->browser->attribute('data-secret'));
        $this->browser->post('/security', ['do' => 'confirm', 'code' => $phone->code()])->follow();
        preg_match_all('/data-testid="recovery-code">([^<]+)</', $this->browser->body, $matches);
        $this->recoveryCodes = $matches[1];
        $this->browser->post('/recovery-codes', ['saved' => '1'])->follow();
        self::assertSame('on', $this->browser->attribute('data-state'));
        return $phone;
    }
}
