<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Api\Visitor;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\Flow\PasswordOnly;

/** What stands behind a host's administration pages, and behind its ways in that have only a password. */
final class HostPagesTest extends ServiceTestCase
{
    /** @var list<string> */
    private array $log = [];

    protected static function overUnixSocket(): bool
    {
        return false;
    }

    protected function tearDown(): void
    {
        $this->admin->replacePolicy(new Policy(PolicyMode::Required, ['totp']));
    }

    public function testAPasswordAloneIsEnoughOnlyWhereTheServiceAsksForNothing(): void
    {
        self::assertFalse($this->gate($this->bridge)->isEnough($this->user, new Visitor()), 'would have to set up');
        $this->enroll();
        self::assertFalse($this->gate($this->bridge)->isEnough($this->user, new Visitor()), 'would be asked');
        $this->admin->changePolicy(['mode' => 'optional'], null);
        self::assertFalse($this->gate($this->bridge)->isEnough($this->user, new Visitor()), 'enrolled is asked');
        $other = new User($this->user->id . '-other', 'bob');
        self::assertTrue($this->gate($this->bridge)->isEnough($other, new Visitor()));
        $this->admin->changePolicy(['mode' => 'disabled'], null);
        self::assertTrue($this->gate($this->bridge)->isEnough($this->user, new Visitor()));
        self::assertSame([], $this->log);
    }

    public function testWhetherAPasswordIsEnoughIsUnknownWithoutTheService(): void
    {
        foreach ([$this->client('http://127.0.0.1:1', 'x'), $this->client(self::$service->url, 'wrong')] as $client) {
            self::assertNull($this->gate($client)->isEnough($this->user, new Visitor()));
        }
        self::assertCount(2, $this->log);
    }

    public function testTheDropDownSavesWhatThePersonSawAndNothingElse(): void
    {
        $seen = $this->administration()->policy();
        self::assertTrue($this->administration()->choose('disabled', $seen->etag)->isDone);
        $late = $this->administration()->choose('totp-required', $seen->etag);
        self::assertSame([false, 'admin.conflict', 409], [$late->isDone, $late->message->key, $late->httpStatus]);
        self::assertSame(PolicyMode::Disabled, $this->admin->policy()->mode);
        self::assertSame('admin.choice_missing', $this->administration()->choose('', $seen->etag)->message->key);
    }

    public function testTheRulesOfAFormAreSavedAndWhatItDoesNotShowStays(): void
    {
        $this->admin->changePolicy(['required_roles' => ['shop owner'], 'exempt_roles' => ['robot', 'member']], null);
        $fields = [
            'mode' => 'required',
            'methods' => ['totp', 'nonsense', ['email']],
            'grace_period_days' => '7',
            'trusted_device_days' => '30',
            'required_roles' => ['administrator'],
            'self_service' => '1',
        ];
        $roles = ['administrator', 'member'];
        $saved = $this->administration()->saveRules($fields, $roles, $this->admin->policy()->etag);
        self::assertTrue($saved->isDone, $saved->message->key);
        $policy = $this->admin->policy();
        self::assertSame(['totp'], $policy->methods);
        self::assertSame([7, 30], [$policy->gracePeriodDays, $policy->trustedDeviceDays]);
        self::assertEqualsCanonicalizing(['administrator', 'shop owner'], $policy->requiredRoles);
        self::assertSame(['robot'], $policy->exemptRoles);
        self::assertTrue($policy->selfService);
    }

    public function testWeakSecretsAreReplacedWhereAFormSaysSoAndAFormWithoutTheBoxChangesNothing(): void
    {
        $fields = [
            'mode' => 'required',
            'methods' => ['totp'],
            'grace_period_days' => '0',
            'trusted_device_days' => '0',
            'self_service' => '1',
        ];
        $save = fn (array $more): ?bool => $this->administration()
            ->saveRules($more + $fields, [], $this->admin->policy()->etag)->policy?->replaceWeakSecrets;
        self::assertFalse($save([]));
        self::assertTrue($save(['replace_weak_secrets' => '1']));
        self::assertTrue($save([]), 'the form does not show it');
        self::assertTrue($this->administration()->choose('totp-required', null)->policy->replaceWeakSecrets);
        self::assertFalse($save(['replace_weak_secrets' => '0']));
        self::assertFalse($save(['replace_weak_secrets' => ['1']]));
    }

    public function testAFormWithTheDropDownAndTheRulesIsSavedByOneChange(): void
    {
        $fields = [
            'policy' => 'disabled',
            'mode' => 'optional',
            'methods' => ['totp', 'email'],
            'grace_period_days' => '7',
            'trusted_device_days' => '30',
        ];
        $save = fn (array $more): Policy => $this->administration()
            ->saveRules($more + $fields, [], $this->admin->policy()->etag)->policy;
        self::assertSame([PolicyMode::Disabled, 7], [$save([])->mode, $this->admin->policy()->gracePeriodDays]);
        $required = $save(['policy' => 'totp-required', 'methods' => [], 'mode' => '']);
        self::assertSame([PolicyMode::Required, ['totp']], [$required->mode, $required->methods]);
        $custom = $save(['policy' => 'custom']);
        self::assertSame([PolicyMode::Optional, ['totp', 'email']], [$custom->mode, $custom->methods]);
    }

    /** @dataProvider brokenForms */
    public function testRulesThatDoNotGoTogetherAreRefused(array $fields): void
    {
        $before = $this->admin->policy();
        $step = $this->administration()->saveRules($fields, [], $before->etag);
        self::assertSame([false, 'admin.rules_invalid'], [$step->isDone, $step->message->key]);
        self::assertEquals($before, $this->admin->policy());
    }

    public function brokenForms(): array
    {
        $good = [
            'mode' => 'required',
            'methods' => ['totp'],
            'grace_period_days' => '0',
            'trusted_device_days' => '0',
        ];
        return [
            'nothing' => [[]],
            'no method' => [['methods' => []] + $good],
            'methods as text' => [['methods' => 'totp'] + $good],
            'no mode' => [['mode' => ['required']] + $good],
            'no mode and no choice' => [['policy' => 'everything', 'mode' => ''] + $good],
            'a choice without days' => [['policy' => 'disabled']],
            'more days than a year has' => [['trusted_device_days' => '366'] + $good],
            'days below nothing' => [['grace_period_days' => '-1'] + $good],
            'days as words' => [['trusted_device_days' => 'many'] + $good],
            'days without end' => [['trusted_device_days' => '99999999999999999999'] + $good],
        ];
    }

    public function testAnAdministratorHelpsAUserAndASecondTimeIsNoError(): void
    {
        $this->enroll();
        self::assertTrue($this->administration()->roster([$this->user->id])->find($this->user->id)->enrolled);
        self::assertSame([], $this->administration()->roster([])->users);
        $remove = fn () => $this->administration()->removeAuthenticators($this->user->id, 'alice');
        self::assertSame('users.removed', $remove()->message->key);
        self::assertSame('users.nothing_removed', $remove()->message->key);
        self::assertTrue($this->administration()->unlock($this->user->id, 'alice')->isDone);
        self::assertTrue($this->administration()->removeAuthenticators('never seen', 'nobody')->isDone);
        self::assertTrue($this->administration()->unlock('never seen', 'nobody')->isDone);
        self::assertNull($this->administration()->user('never seen'));
        self::assertSame($this->user->id, $this->administration()->user($this->user->id)->id);
        $pass = $this->administration()->issueOneTimePass($this->user->id, 60);
        self::assertNotSame('', $pass->code);
        self::assertLessThan(new \DateTimeImmutable('+70 seconds'), $pass->expiresAt);
    }

    public function testADeletedUserIsForgottenOnceAndForAll(): void
    {
        $this->enroll();
        self::assertTrue($this->administration()->forget($this->user->id));
        self::assertTrue($this->administration()->forget($this->user->id));
        $down = new Administration($this->client('http://127.0.0.1:1', 'x'), $this->note(...));
        self::assertFalse($down->forget($this->user->id));
    }

    public function testAdministrationWithoutAServiceOrKeySaysWhich(): void
    {
        $down = new Administration($this->client('http://127.0.0.1:1', 'x'), $this->note(...));
        self::assertSame('admin.unreachable', $down->policy()->key);
        self::assertSame('admin.unreachable', $down->roster(['1'])->key);
        self::assertSame('admin.failed', $down->removeAuthenticators('1', 'alice')->message->key);
        $wrong = new Administration($this->bridge, $this->note(...));
        self::assertSame('admin.misconfigured', $wrong->unlock('1', 'alice')->message->key);
        self::assertSame('admin.misconfigured', $wrong->choose('disabled', null)->message->key);
        self::assertCount(5, $this->log);
        self::assertSame('admin.unreachable', $down->user('1')->key);
        self::assertSame('admin.failed', $down->issueOneTimePass('1')->message->key);
        $none = new Administration(static fn () => throw new Misconfigured('no key'), $this->note(...));
        self::assertSame('admin.misconfigured', $none->policy()->key);
        self::assertFalse($none->forget('1'));
        self::assertSame('mfa-sidecar: no key', end($this->log));
    }

    public function testTheRosterOfManyUsersIsReadInSeveralCalls(): void
    {
        $this->bridge->putUser($this->user);
        $ids = [...array_map(static fn (int $i): string => "nobody-$i", range(1, 250)), $this->user->id];
        self::assertCount(1, $this->administration()->roster($ids)->users);
    }

    public function testTheConnectionTestTellsAWrongKeyFromAnotherRoleAndFromSilence(): void
    {
        $test = fn (Client $client, string $role): string
            => ConnectionTest::of($client, $role, $this->note(...))->message->key;
        self::assertSame('connection.good_bridge', $test($this->bridge, ConnectionTest::BRIDGE));
        self::assertSame('connection.good_admin', $test($this->admin, ConnectionTest::ADMIN));
        self::assertSame('connection.role_admin', $test($this->bridge, ConnectionTest::ADMIN));
        self::assertSame('connection.key_bridge', $test($this->client(self::$service->url, 'wrong'), 'bridge'));
        self::assertSame('connection.unreachable', $test($this->client('http://127.0.0.1:1', 'x'), 'bridge'));
    }

    public function testAConnectionIsTestedAsItIsTyped(): void
    {
        $service = self::$service;
        $service->command('site', 'add', 'other', '--issuer', 'Other');
        $other = $service->command('key', 'create', '--site', 'other', '--name', 'other', '--role', 'admin');
        $keys = static fn (string $url, string $bridge, string $admin): array
            => array_map(
                static fn (ConnectionTest $test): string => $test->message->key,
                ConnectionTest::ofBoth($url, $bridge, $admin, static fn (string $line) => null),
            );
        $good = $keys($service->url, $service->bridgeKey, $service->adminKey);
        self::assertSame(['connection.good_bridge', 'connection.good_admin'], $good);
        self::assertSame(['connection.none_bridge', 'connection.none_admin'], $keys($service->url, '', ''));
        self::assertSame(['connection.malformed', 'connection.malformed'], $keys('nowhere', 'x', 'y z'));
        $two = $keys($service->url, $service->bridgeKey, $other);
        self::assertSame(['connection.good_bridge', 'connection.two_sites'], $two);
    }

    private function administration(): Administration
    {
        return new Administration($this->admin, static fn (string $line) => self::fail($line));
    }

    private function gate(Client $client): PasswordOnly
    {
        return new PasswordOnly($client, $this->note(...));
    }

    private function client(string $url, string $key): Client
    {
        return new Client(new Transport($url, $key));
    }

    private function note(string $line): void
    {
        $this->log[] = $line;
    }
}
