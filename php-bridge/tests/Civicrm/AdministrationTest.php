<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Tests\Support\ScriptedServer;

final class AdministrationTest extends SiteTestCase
{
    private const PAGE = '/civicrm/admin/mfa';

    private Visitor $visitor;
    private int $id;

    protected function setUp(): void
    {
        parent::setUp();
        $this->id = self::user(['admin']);
        [, , $this->visitor] = self::enroll($this->id);
    }

    public function testTheDropDownSetsTheServiceAndCoreTogether(): void
    {
        self::$site->set(['standalone_mfa_remember' => 14]);
        $this->save(['policy' => 'disabled']);
        self::assertSame(PolicyMode::Disabled, $this->admin->policy()->mode);
        self::assertSame([], self::$site->setting('standalone_mfa_enabled'));
        self::assertTrue($this->isChosen('disabled'));

        self::$site->set(['standalone_mfa_enabled' => ['TOTP']]);
        $this->save(['policy' => 'totp-required']);
        self::assertSame(PolicyMode::Required, $this->admin->policy()->mode);
        self::assertSame(['totp'], $this->admin->policy()->methods);
        self::assertSame(['Sidecar'], self::$site->setting('standalone_mfa_enabled'));
        self::assertSame(0, self::$site->setting('standalone_mfa_remember'));
        self::assertStringContainsString("$this->id (key", (string) $this->admin->policy()->updatedBy);
        self::assertTrue($this->isChosen('totp-required'));
    }

    public function testDisablingLeavesAnotherMethodOfCoreAsItIs(): void
    {
        self::$site->set(['standalone_mfa_enabled' => ['TOTP']]);
        $this->save(['policy' => 'disabled']);
        self::assertSame(['TOTP'], self::$site->setting('standalone_mfa_enabled'));
    }

    public function testTheFinerRulesReachTheService(): void
    {
        $this->save([
            'policy' => 'custom',
            'mode' => 'optional',
            'methods' => ['totp', 'email', 'carrier-pigeon'],
            'grace_period_days' => '3',
            'trusted_device_days' => '30',
            'required_roles' => ['admin', 'nobody'],
            'exempt_roles' => ['staff'],
            'self_service' => '',
        ]);
        $policy = $this->admin->policy();
        self::assertSame(PolicyMode::Optional, $policy->mode);
        self::assertSame(['totp', 'email'], $policy->methods);
        self::assertSame([3, 30], [$policy->gracePeriodDays, $policy->trustedDeviceDays]);
        self::assertSame([['admin'], ['staff']], [$policy->requiredRoles, $policy->exemptRoles]);
        self::assertFalse($policy->selfService);
        self::assertTrue($this->isChosen('custom'));
    }

    public function testWhatThePageDoesNotKnowStays(): void
    {
        $this->policy(['required_roles' => ['editor-of-another-host']]);
        $this->save(['policy' => 'totp-required', 'required_roles' => ['admin']]);
        self::assertEqualsCanonicalizing(['admin', 'editor-of-another-host'], $this->admin->policy()->requiredRoles);
    }

    public function testTheFinerRulesSwitchOffTheServiceAndCoreTogether(): void
    {
        $this->save(['policy' => 'custom', 'mode' => 'disabled', 'methods' => ['totp']]);
        self::assertSame(PolicyMode::Disabled, $this->admin->policy()->mode);
        self::assertSame([], self::$site->setting('standalone_mfa_enabled'));
    }

    public function testWeakSecretsAreReplacedWhereTheBoxIsTicked(): void
    {
        $isTicked = function (): bool {
            $pattern = '/data-testid="replace-weak"[^>]* checked>/';
            return preg_match($pattern, $this->visitor->get(self::PAGE)->body) === 1;
        };
        self::assertFalse($isTicked());
        $this->save(['policy' => 'totp-required', 'replace_weak_secrets' => '1']);
        self::assertTrue($this->admin->policy()->replaceWeakSecrets);
        self::assertTrue($isTicked());
        $this->save(['policy' => 'totp-required']);
        self::assertFalse($this->admin->policy()->replaceWeakSecrets);
    }

    /** @dataProvider rulesThatAreNone */
    public function testRulesThatAreNoneAreRefusedAndNothingIsSaved(array $fields): void
    {
        $before = $this->admin->policy();
        $this->save($fields);
        self::assertSame(422, $this->visitor->status);
        self::assertNotSame('', $this->visitor->text('error'));
        self::assertSame($before->etag, $this->admin->policy()->etag);
        self::assertSame(['Sidecar'], self::$site->setting('standalone_mfa_enabled'));
    }

    /** @return array<string, array{array<string, mixed>}> */
    public function rulesThatAreNone(): array
    {
        return [
            'no method' => [['policy' => 'custom', 'mode' => 'required', 'methods' => []]],
            'no mode' => [['policy' => 'custom', 'mode' => '', 'methods' => ['totp']]],
            'no choice' => [['policy' => 'everything']],
            'days that are no number' => [['policy' => 'totp-required', 'grace_period_days' => '-1']],
            'too many days' => [['policy' => 'totp-required', 'trusted_device_days' => '9999']],
        ];
    }

    public function testAChangeBySomebodyElseInTheMeantimeIsNotUndone(): void
    {
        $this->visitor->get(self::PAGE);
        $etag = $this->visitor->attribute('value', 'name="etag"');
        $this->policy(['trusted_device_days' => 7]);
        $this->post(['etag' => $etag, 'policy' => 'disabled']);
        self::assertStringContainsString('Somebody else has changed this', $this->visitor->text('error'));
        self::assertSame(PolicyMode::Required, $this->admin->policy()->mode);
        self::assertTrue($this->isChosen('totp-required', false));
    }

    public function testTheDisagreementOfServiceAndCoreIsShown(): void
    {
        self::assertFalse($this->visitor->get(self::PAGE)->has('problem'));
        self::$site->set(['standalone_mfa_enabled' => []]);
        self::assertStringContainsString('the password is enough', $this->visitor->get(self::PAGE)->text('problem'));
        $this->policy(['mode' => 'disabled']);
        self::$site->set(['standalone_mfa_enabled' => ['Sidecar']]);
        self::assertStringContainsString('the password is enough', $this->visitor->get(self::PAGE)->text('problem'));
    }

    public function testTheCoverageCountsActiveUsers(): void
    {
        $count = function (): array {
            $this->visitor->get(self::PAGE);
            return [
                (int) $this->visitor->attribute('data-users'),
                (int) $this->visitor->attribute('data-enrolled'),
            ];
        };
        [$users, $enrolled] = $count();
        $new = self::user();
        self::assertSame([$users + 1, $enrolled], $count());
        self::enroll($new);
        self::assertSame([$users + 1, $enrolled + 1], $count());
        self::$site->changeUser($new, ['is_active' => false]);
        self::assertSame([$users, $enrolled], $count());
    }

    public function testTheKeysAreSealedAndNeverShownAndAnEmptyFieldKeepsThem(): void
    {
        self::assertStringNotContainsString(self::$service->adminKey, $this->visitor->get(self::PAGE)->body);
        $this->save(['policy' => 'totp-required', 'mfasidecar_bridge_key' => self::$service->bridgeKey]);
        $sealed = self::$site->setting('mfasidecar_bridge_key');
        self::assertStringStartsWith("\2CTK?CRED", $sealed);
        $this->save(['policy' => 'totp-required']);
        self::assertSame($sealed, self::$site->setting('mfasidecar_bridge_key'));
        self::pending(self::user());
    }

    public function testAConnectionThatWouldLockEverybodyOutIsNotSaved(): void
    {
        $settings = [
            ['mfasidecar_bridge_key' => 'nonsense'],
            ['mfasidecar_bridge_key' => self::$service->adminKey],
            ['mfasidecar_admin_key' => self::$service->bridgeKey],
            ['mfasidecar_url' => 'http://127.0.0.1:1'],
        ];
        foreach ($settings as $fields) {
            $this->save(['policy' => 'totp-required'] + $fields);
            self::assertSame(422, $this->visitor->status);
            self::assertStringContainsString('Nothing was saved', $this->visitor->text('error'));
            self::assertSame(self::$service->url, self::$site->setting('mfasidecar_url'));
            $sealed = Site::sealed(self::$service->url, self::$service->bridgeKey);
            self::assertSame($sealed, self::$site->setting('mfasidecar_bridge_key'));
        }
    }

    public function testKeysOfTwoSitesAreNotTakenForOneConnection(): void
    {
        self::$service->command('site', 'add', 'other', '--issuer', 'Other');
        $key = self::$service->command('key', 'create', '--site', 'other', '--name', 'other', '--role', 'bridge');
        $this->save(['policy' => 'totp-required', 'mfasidecar_bridge_key' => $key]);
        self::assertSame(422, $this->visitor->status);
        $sealed = Site::sealed(self::$service->url, self::$service->bridgeKey);
        self::assertSame($sealed, self::$site->setting('mfasidecar_bridge_key'));
        self::assertStringContainsString('of another site', $this->visitor->text('error'));
    }

    public function testItCanBeSwitchedOffWhenTheKeyForLoginsIsTheTrouble(): void
    {
        $this->connect(self::$service->url, 'revoked');
        $this->save(['policy' => 'disabled']);
        self::assertSame([], self::$site->setting('standalone_mfa_enabled'));
        self::assertSame(PolicyMode::Disabled, $this->admin->policy()->mode);
        $id = self::user();
        self::assertSame('/civicrm/home', self::$site->visitor()->password("u$id", 'secret')['url']);
    }

    public function testTheConnectionIsTriedAsItIsTyped(): void
    {
        $results = function (array $fields): array {
            $this->visitor->get(self::PAGE);
            $this->post(['do' => 'test'] + $fields);
            preg_match_all('/data-ok="(\d)"/', $this->visitor->body, $found);
            return $found[1];
        };
        self::assertSame(['1', '1'], $results([]));
        self::assertSame(['0', '1'], $results(['mfasidecar_bridge_key' => 'nonsense']));
        self::assertSame(['1', '0'], $results(['mfasidecar_admin_key' => self::$service->bridgeKey]));
        $keys = [
            'mfasidecar_bridge_key' => self::$service->bridgeKey,
            'mfasidecar_admin_key' => self::$service->adminKey,
        ];
        self::assertSame(['0', '0'], $results(['mfasidecar_url' => 'nowhere'] + $keys));
        self::assertSame(self::$service->url, self::$site->setting('mfasidecar_url'));
    }

    public function testStoredKeysGoToNoOtherAddress(): void
    {
        $server = new ScriptedServer(ScriptedServer::answer(200, '{}'));
        try {
            $keys = ['mfasidecar_bridge_key' => 'typed'];
            foreach ([['do' => 'test'], ['do' => 'test'] + $keys, ['policy' => 'disabled']] as $fields) {
                $this->save(['mfasidecar_url' => $server->url] + $fields);
                self::assertStringContainsString('for another address enter them again', $this->visitor->body);
            }
            self::assertSame([], $server->requests());
        } finally {
            $server->stop();
        }
        self::assertSame(PolicyMode::Required, $this->admin->policy()->mode);
    }

    public function testAFirstConnectionIsSavedBeforeThereAreRules(): void
    {
        self::$site->set(['mfasidecar_url' => '', 'mfasidecar_bridge_key' => '', 'mfasidecar_admin_key' => '']);
        self::assertFalse($this->visitor->get(self::PAGE)->has('policy'));
        self::assertSame(200, $this->visitor->status);
        $this->post([
            'mfasidecar_url' => self::$service->url,
            'mfasidecar_bridge_key' => self::$service->bridgeKey,
            'mfasidecar_admin_key' => self::$service->adminKey,
        ]);
        self::assertSame(302, $this->visitor->status);
        self::assertTrue($this->visitor->get(self::PAGE)->has('policy'));
    }

    public function testConstantsOfTheSettingsFileWinAndAreNoSettings(): void
    {
        $site = new Site([
            'MFA_SIDECAR_URL' => self::$service->url,
            'MFA_SIDECAR_BRIDGE_KEY' => self::$service->bridgeKey,
            'MFA_SIDECAR_ADMIN_KEY' => self::$service->adminKey,
        ]);
        try {
            $site->addUser(9000, 'fixed', 'secret', ['admin']);
            $visitor = $site->visitor();
            $visitor->password('fixed', 'secret');
            $visitor->get(self::PAGE);
            self::assertStringContainsString('set in civicrm.settings.php', $visitor->body);
            self::assertFalse($visitor->has('url'));
            $fields = ['policy' => 'totp-required', 'mfasidecar_url' => 'http://127.0.0.1:1', 'do' => 'save'];
            $visitor->post(self::PAGE, $fields + $this->shown($visitor));
            self::assertSame(302, $visitor->status);
            self::assertNull($site->setting('mfasidecar_url'));
            self::assertNull($site->setting('mfasidecar_bridge_key'));
            self::assertSame(['Sidecar'], $site->setting('standalone_mfa_enabled'));
        } finally {
            $site->stop();
        }
    }

    public function testAFormFromElsewhereChangesNothing(): void
    {
        $etag = $this->admin->policy()->etag;
        $this->visitor->get(self::PAGE);
        $this->post(['csrf' => 'guessed', 'policy' => 'disabled']);
        self::assertSame(422, $this->visitor->status);
        self::assertSame($etag, $this->admin->policy()->etag);
        $this->visitor->post("/civicrm/admin/mfa/user?id=$this->id", ['csrf' => 'guessed', 'do' => 'remove']);
        self::assertTrue($this->admin->user((string) $this->id)->enrolled);
    }

    public function testOnlyWhoMayAdministerUsersSeesThePages(): void
    {
        [, , $staff] = self::enroll(self::user());
        self::assertSame(403, $staff->get(self::PAGE)->status);
        self::assertSame(403, $staff->get('/civicrm/admin/mfa/user?id=2')->status);
        self::assertSame(403, self::$site->visitor()->get(self::PAGE)->status);
    }

    public function testTheAuthenticatorOfAUserIsRemovedOnTheirPage(): void
    {
        $id = self::user();
        self::enroll($id);
        $page = "/civicrm/admin/mfa/user?id=$id";
        self::assertTrue($this->visitor->get($page)->has('authenticators'));
        $this->visitor->post($page, ['do' => 'remove']);
        self::assertSame(302, $this->visitor->status);
        self::assertTrue($this->visitor->get($page)->has('nothing'));
        self::assertFalse($this->admin->user((string) $id)->enrolled);
        $events = $this->admin->auditEvents((string) $id, 'authenticator.removed')->events;
        self::assertSame((string) $this->id, $events[0]->members['actor']['claimed']);
    }

    public function testAOneTimePassIsShownOnceAndOpensALogin(): void
    {
        $id = self::user();
        self::enroll($id);
        $page = "/civicrm/admin/mfa/user?id=$id";
        $this->visitor->get($page)->post($page, ['do' => 'pass']);
        $pass = $this->visitor->text('pass');
        self::assertNotSame('', $pass);
        self::assertFalse($this->visitor->get($page)->has('pass'));
        $visitor = self::pending($id);
        $answer = $visitor->answer(['do' => 'answer', 'method' => 'one_time_pass', 'code' => $pass]);
        self::assertSame('/civicrm/mfa/sidecar', $answer['url']);
        self::assertSame(0, $visitor->userId());
        self::assertTrue($visitor->get('/civicrm/mfa/sidecar')->has('qr'));
    }

    public function testALockIsShownAndLifted(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        for ($i = 0; $i < 5; $i++) {
            $visitor->answer($phone->wrongCode());
        }
        $page = "/civicrm/admin/mfa/user?id=$id";
        self::assertTrue($this->visitor->get($page)->has('unlock'));
        $this->visitor->post($page, ['do' => 'unlock']);
        self::assertFalse($this->visitor->get($page)->has('unlock'));
    }

    public function testHostileNamesAreText(): void
    {
        $id = self::user();
        self::$site->changeUser($id, ['username' => '<script>alert("x")</script>&']);
        foreach ([self::PAGE, "/civicrm/admin/mfa/user?id=$id"] as $path) {
            self::assertStringNotContainsString('<script>alert', $this->visitor->get($path)->body);
            self::assertStringNotContainsString('Staff <b>', $this->visitor->body);
        }
    }

    /** @param array<string, mixed> $fields that differ from what the page shows */
    private function save(array $fields): void
    {
        $this->visitor->get(self::PAGE);
        $this->post($fields);
    }

    /** @param array<string, mixed> $fields */
    private function post(array $fields): void
    {
        $this->visitor->post(self::PAGE, $fields + $this->shown($this->visitor) + ['do' => 'save']);
    }

    /** @return array<string, string> */
    private function shown(Visitor $visitor): array
    {
        return [
            'etag' => $visitor->attribute('value', 'name="etag"'),
            'grace_period_days' => $visitor->attribute('value', 'name="grace_period_days"'),
            'trusted_device_days' => $visitor->attribute('value', 'name="trusted_device_days"'),
            'self_service' => '1',
            // Of the hidden field, which says that the box was there.
            'replace_weak_secrets' => $visitor->attribute('value', 'name="replace_weak_secrets"'),
        ];
    }

    private function isChosen(string $choice, bool $again = true): bool
    {
        $again && $this->visitor->get(self::PAGE);
        return preg_match("/value=\"$choice\" selected/", $this->visitor->body) === 1;
    }
}
