<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Error\Problem;
use MfaSidecar\Tests\Support\ScriptedServer;

/** What core leaves to the client, or to chance. */
final class GuardsTest extends SiteTestCase
{
    public function testAnotherMethodThanOursIsRefusedEvenWhereCoreHasItEnabled(): void
    {
        self::$site->set(['standalone_mfa_enabled' => ['Sidecar', 'TOTP']]);
        $id = self::user();
        $visitor = self::pending($id);
        self::assertSame(403, $visitor->answer('123456', 'TOTP')['status']);
        self::assertSame(0, $visitor->userId());

        self::$site->set(['standalone_mfa_enabled' => ['TOTP', 'Sidecar']]);
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret');
        self::assertSame(403, $visitor->answer('123456', 'TOTP')['status']);
        self::assertSame(0, $visitor->userId());
    }

    public function testWhileOursIsNotEnabledCoresOwnMethodGoesOnUndisturbed(): void
    {
        self::$site->set(['standalone_mfa_enabled' => ['TOTP']]);
        $id = self::user();
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret');
        self::assertSame('/civicrm/home', $visitor->answer('123456', 'TOTP')['url']);
        self::assertSame($id, $visitor->userId());
    }

    public function testCoresTokenToBeRememberedSkipsNothing(): void
    {
        self::$site->set(['standalone_mfa_remember' => 30]);
        $id = self::user();
        $visitor = self::$site->visitor();
        $answer = $visitor->password("u$id", 'secret', ['rememberMe' => true, 'rememberJWT' => "remembered:$id"]);
        self::assertSame('/civicrm/mfa/sidecar', $answer['url']);
        self::assertSame(0, $visitor->userId());
    }

    /** @dataProvider foreignAddresses */
    public function testNobodyIsSentToAnotherSite(string $wanted, string $expected): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::$site->visitor();
        $visitor->password("u$id", 'secret', ['originalUrl' => $wanted]);
        self::assertSame($expected, $visitor->answer($phone->code(30))['url']);
    }

    /** @return array<string, array{string, string}> */
    public function foreignAddresses(): array
    {
        return [
            'another host' => ['https://evil.example/civicrm/contact', '/civicrm/contact'],
            'a path that is a host' => ['https://site.example//evil.example/', '/civicrm/home'],
            'no scheme' => ['//evil.example', '/civicrm/home'],
            'a backslash' => ['/\\evil.example', '/civicrm/home'],
            'a script' => ['javascript:alert(1)', '/civicrm/home'],
        ];
    }

    public function testAPasswordSentWithARequestIsRefusedAndKeysAndTokensAreNot(): void
    {
        self::assertIsString(self::$site->core('authx', 'type=pass'));
        self::assertNull(self::$site->core('authx', 'type=api_key'));
        self::assertNull(self::$site->core('authx', 'type=jwt'));
        self::$site->set(['standalone_mfa_enabled' => []]);
        self::assertNull(self::$site->core('authx', 'type=pass'));
    }

    public function testWhoConfiguresTheSiteCannotSwitchTheSecondStepOffByTheApi(): void
    {
        [, , $manager] = self::enroll(self::user(['manager']));
        $names = ['standalone_mfa_enabled', 'standalone_mfa_remember', 'mfasidecar_url', 'mfasidecar_admin_key'];
        foreach ($names as $name) {
            $before = self::$site->setting($name);
            $set = $manager->api('Setting', 'set', ['values' => ['lcMessages' => 'de_DE', $name => 'another']]);
            self::assertSame(403, $set['status'] ?? 200, $name);
            $set = $manager->api('Setting', 'set', ['values' => ["$name:label" => 'another']]);
            self::assertSame(403, $set['status'] ?? 200, $name);
            self::assertSame(403, $manager->api('Setting', 'revert', ['select' => [$name]])['status'] ?? 200, $name);
            self::assertSame($before, self::$site->setting($name));
        }
        self::assertArrayNotHasKey('status', $manager->api('Setting', 'set', ['values' => ['lcMessages' => 'de_DE']]));
        self::assertSame('de_DE', self::$site->setting('lcMessages'));
        self::assertArrayNotHasKey('status', $manager->api('Setting', 'get', ['select' => ['standalone_mfa_enabled']]));
    }

    public function testWhoAdministersUsersMayUseCoresSettingsAndNotOurs(): void
    {
        [, , $admin] = self::enroll(self::user(['admin']));
        $answer = $admin->api('Setting', 'set', ['values' => ['standalone_mfa_remember' => 3]]);
        self::assertArrayNotHasKey('status', $answer);
        self::assertSame(3, self::$site->setting('standalone_mfa_remember'));
        foreach (['mfasidecar_url', 'mfasidecar_bridge_key', 'mfasidecar_to_forget'] as $name) {
            self::assertSame(403, $admin->api('Setting', 'set', ['values' => [$name => 'x']])['status'] ?? 200, $name);
        }
    }

    /**
     * @dataProvider callsOfApi3
     * @param array<string, mixed> $params
     */
    public function testTheOldApiIsGuardedAsWell(string $action, array $params, string $expected): void
    {
        [, , $manager] = self::enroll(self::user(['manager']));
        $query = http_build_query(['action' => $action, 'params' => $params + ['check_permissions' => 1]]);
        self::assertSame($expected, json_decode($manager->get("/_core/api3?$query")->body));
        $query = http_build_query(['action' => $action, 'params' => $params]);
        self::assertSame('through', json_decode($manager->get("/_core/api3?$query")->body));
    }

    /** @return array<string, array{string, array<string, mixed>, string}> */
    public function callsOfApi3(): array
    {
        return [
            'create' => ['create', ['standalone_mfa_enabled' => ''], 'refused'],
            'create of ours' => ['create', ['mfasidecar_url' => 'http://elsewhere'], 'refused'],
            'create of another' => ['create', ['lcMessages' => 'de_DE', 'domain_id' => 'all'], 'through'],
            'setvalue' => ['setvalue', ['id' => 1, 'field' => 'standalone_mfa_enabled', 'value' => ''], 'refused'],
            'revert of one' => ['revert', ['name' => 'mfasidecar_url'], 'refused'],
            'revert by a filter' => ['revert', ['filters' => ['name' => ['standalone_mfa_remember']]], 'refused'],
            'revert of another' => ['revert', ['name' => 'lcMessages'], 'through'],
            'revert of all' => ['revert', ['domain_id' => 'all'], 'refused'],
            'revert of a group' => ['revert', ['filters' => ['group' => 'standaloneusers']], 'refused'],
            'fill of all' => ['fill', [], 'refused'],
            'get' => ['get', ['return' => 'standalone_mfa_enabled'], 'through'],
        ];
    }

    public function testAKeyIsNoneAtAnotherAddressThanItWasSavedFor(): void
    {
        $server = new ScriptedServer(ScriptedServer::answer(200, '{}'));
        try {
            $id = self::user();
            self::$site->set(['mfasidecar_url' => $server->url]);
            self::assertArrayHasKey('publicError', self::$site->visitor()->password("u$id", 'secret'));
            self::$site->core('delete-user', "id=$id");
            self::$site->core('checks');
            self::assertSame([], $server->requests());
        } finally {
            $server->stop();
        }
        $this->connect(self::$service->url);
        self::$site->core('cron');
        self::assertStringContainsString('was saved for another address', self::$site->log());
    }

    public function testAKeyThatIsNotSealedIsTakenOnlyWhereCiviCrmSealsNothing(): void
    {
        $id = self::user();
        $key = json_encode(['url' => self::$service->url, 'key' => self::$service->bridgeKey]);
        self::$site->set(['mfasidecar_bridge_key' => $key]);
        self::assertArrayHasKey('publicError', self::$site->visitor()->password("u$id", 'secret'));
        self::$site->set(['_no_cred_keys' => true]);
        try {
            self::pending($id);
        } finally {
            self::$site->set(['_no_cred_keys' => false]);
        }
    }

    public function testTheExtensionCannotBeDisabledWhileLoginsNeedIt(): void
    {
        self::assertStringContainsString('Logins still ask', self::$site->core('disable'));
        self::$site->set(['standalone_mfa_enabled' => []]);
        $enabled = static fn (string $name): array => ['standalone_mfa_enabled' => [$name]];
        self::$site->setDomains([2 => $enabled('TOTP'), 3 => $enabled('Sidecar')]);
        self::assertStringContainsString('Logins still ask', self::$site->core('disable'));
        self::$site->setDomains([2 => $enabled('TOTP'), 3 => []]);
        self::assertSame('disabled', self::$site->core('disable'));
    }

    public function testNoKeyStaysBehind(): void
    {
        self::$site->core('uninstall');
        self::assertNull(self::$site->setting('mfasidecar_bridge_key'));
        self::assertNull(self::$site->setting('mfasidecar_admin_key'));
    }

    public function testAnAccountThatIsDisabledInTheMeantimeIsNotSignedIn(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        self::$site->changeUser($id, ['is_active' => false]);
        self::assertSame('/civicrm/login', $visitor->answer($phone->code(30))['url']);
        self::assertSame(0, $visitor->userId());
    }

    public function testAPasswordThatIsChangedInTheMeantimeEndsTheLogin(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $visitor = self::pending($id);
        self::$site->changeUser($id, ['hashed_password' => 'another']);
        self::assertSame('/civicrm/login', $visitor->answer($phone->code(30))['url']);
        self::assertSame(0, $visitor->userId());
    }

    public function testCoresSettingTakesOursAlone(): void
    {
        self::assertTrue(self::$site->core('validate', 'classes=Sidecar'));
        self::assertTrue(self::$site->core('validate', 'classes=TOTP'));
        self::assertStringContainsString('cannot be combined', self::$site->core('validate', 'classes=TOTP,Sidecar'));
    }

    /**
     * @testWith ["User"]
     *           ["UFMatch"]
     */
    public function testADeletedUserIsForgottenAtTheService(string $entity): void
    {
        $id = self::user();
        self::enroll($id);
        self::$site->core('delete-user', "id=$id&entity=$entity");
        $this->expectException(Problem::class);
        $this->admin->user((string) $id);
    }

    public function testTheServiceIsToldOfADeletionOnceItIsCommitted(): void
    {
        $id = self::user();
        self::enroll($id);
        foreach (['rollback', 'part'] as $end) {
            self::$site->core('delete-user', "id=$id&end=$end");
            self::assertTrue($this->admin->user((string) $id)->enrolled, $end);
        }
        self::$site->core('delete-user', "id=$id&end=commit");
        $this->expectException(Problem::class);
        $this->admin->user((string) $id);
    }

    public function testAUserWhoIsThereIsNotForgottenLater(): void
    {
        $id = self::user();
        self::enroll($id);
        self::$site->set(['mfasidecar_to_forget' => [$id]]);
        self::$site->core('cron');
        self::assertSame([], self::$site->setting('mfasidecar_to_forget'));
        self::assertTrue($this->admin->user((string) $id)->enrolled);
    }

    public function testAnOutageKeepsNobodyFromDeletingAndTheServiceIsToldLater(): void
    {
        $id = self::user();
        self::enroll($id);
        $this->connect('http://127.0.0.1:1');
        self::$site->core('delete-user', "id=$id");
        self::assertSame([$id], self::$site->setting('mfasidecar_to_forget'));
        self::assertContains('mfasidecar_forgetting', array_column(self::$site->core('checks'), 'name'));
        self::assertTrue($this->admin->user((string) $id)->enrolled);

        $this->connect(self::$service->url);
        self::$site->core('cron');
        self::assertSame([], self::$site->setting('mfasidecar_to_forget'));
        $this->expectException(Problem::class);
        $this->admin->user((string) $id);
    }

    public function testTheStatusPageSaysWhatIsWrong(): void
    {
        $names = static fn (): array => array_column(self::$site->core('checks'), 'level', 'name');
        self::assertSame([], $names());
        self::$site->set(['standalone_mfa_remember' => 30]);
        self::assertSame(['mfasidecar_settings' => 'error'], $names());
        self::$site->set(['standalone_mfa_remember' => 0, 'standalone_mfa_enabled' => ['TOTP', 'Sidecar']]);
        self::assertSame(['mfasidecar_settings' => 'error'], $names());
        self::$site->set(['standalone_mfa_enabled' => []]);
        self::assertSame(['mfasidecar_agreement' => 'error'], $names());
        self::$site->set(['standalone_mfa_enabled' => ['Sidecar']]);
        $this->connect(self::$service->url, 'nonsense');
        self::assertSame(['mfasidecar_service' => 'critical'], $names());
        $this->connect('http://127.0.0.1:1');
        self::assertSame(['mfasidecar_service' => 'critical'], $names());
        $key = self::$service->command('key', 'create', '--name', 'both', '--role', 'bridge', '--role', 'admin');
        $this->connect(self::$service->url, $key);
        self::assertSame(['mfasidecar_bridge_key' => 'warning'], $names());
        self::$site->set(['standalone_mfa_enabled' => [], 'mfasidecar_url' => '']);
        self::assertSame(['mfasidecar_setup' => 'notice'], $names());
    }

    public function testTheLoginPathWorksWithoutTheAdministrationKey(): void
    {
        self::$site->set(['mfasidecar_admin_key' => '']);
        $id = self::user();
        [, , $visitor] = self::enroll($id);
        self::assertSame($id, $visitor->userId());
        self::assertSame(200, $visitor->get('/civicrm/my-account/mfa')->status);
    }

    public function testTheMenuAndTheListOfUsersLeadToUs(): void
    {
        $item = self::$site->core('menu')[0]['child'][0]['child'][0]['attributes'];
        self::assertSame('cms:administer users', $item['permission']);
        // A task is offered to who may do it; core's own list names its tasks, and has ours all the same.
        self::assertSame([], self::$site->core('tasks', 'search=Users')['User'] ?? []);
        [, , $admin] = self::enroll(self::user(['admin']));
        foreach (['Users', 'A_list_of_the_site'] as $list) {
            $tasks = json_decode($admin->get("/_core/tasks?search=$list")->body, true);
            self::assertSame('removeAuthenticators', $tasks['User']['mfasidecar_remove']['apiBatch']['action'], $list);
        }
        $links = self::$site->core('links');
        self::assertSame('~/afsearchMyAccount/afsearchMyAccount.aff.html', $links[0]);
        self::assertSame('~/afformEditUserAccount/afformEditUserAccount.aff.html', $links[1]);
        self::assertStringContainsString('ng-href="/civicrm/my-account/mfa"', $links['html']);
        self::assertStringContainsString('ng-href="/civicrm/admin/mfa/user?id={{', $links['html']);
    }

    public function testCoreHearsWhetherSomebodyHasSetUpAndOfAnOutageNothing(): void
    {
        $id = self::user();
        self::assertFalse(self::$site->core('has-completed-setup', "id=$id"));
        self::enroll($id);
        self::assertTrue(self::$site->core('has-completed-setup', "id=$id"));
        $this->connect('http://127.0.0.1:1');
        self::assertSame('not known', self::$site->core('has-completed-setup', "id=$id"));
    }

    public function testHostileInputIsAnsweredWithASentenceAndOpensNothing(): void
    {
        $id = self::user();
        self::enroll($id);
        $visitor = self::pending($id);
        $inputs = [null, true, 7, [], ['code' => ['x']], ['do' => ['answer']], str_repeat('9', 60000), "\0", '１２３４５６'];
        foreach ($inputs as $input) {
            $answer = $visitor->answer($input);
            self::assertTrue(isset($answer['publicError']) || isset($answer['url']));
            self::assertNotSame('/civicrm/home', $answer['url'] ?? '');
            self::assertSame(0, $visitor->userId());
        }
    }

    public function testAPendingLoginIsNoSession(): void
    {
        $id = self::user(['admin']);
        $visitor = self::pending($id);
        self::assertSame(403, $visitor->get('/civicrm/admin/mfa')->status);
        self::assertSame('/civicrm/login', $visitor->get('/civicrm/my-account/mfa')->headers['location']);
        $call = $visitor->api('MfaSidecarUser', 'removeAuthenticators', ['where' => [['id', '=', $id]]]);
        self::assertSame(403, $call['status']);
    }

    public function testNoTraceHasWhatCarriesACode(): void
    {
        $root = dirname(__DIR__, 2);
        foreach (['MFAInterface', 'Base'] as $class) {
            require_once "$root/tests/Civicrm/Standin/Civi/Standalone/MFA/$class.php";
        }
        require_once "$root/civicrm/Civi/Standalone/MFA/Sidecar.php";
        foreach (['checkMFAData', 'processMFAAttempt'] as $name) {
            $parameters = (new \ReflectionMethod(\Civi\Standalone\MFA\Sidecar::class, $name))->getParameters();
            self::assertCount(1, end($parameters)->getAttributes(\SensitiveParameter::class), $name);
        }
    }
}
