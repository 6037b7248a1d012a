<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Api\Transport;
use MfaSidecar\Api\User;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Flow\Stage;

class AdministrationTest extends ServiceTestCase
{
    protected static function overUnixSocket(): bool
    {
        return false;
    }

    protected function tearDown(): void
    {
        $this->admin->replacePolicy(new Policy(PolicyMode::Required, ['totp']));
    }

    public function testTheDropDownChangesThePolicyAndWithItTheNextLogin(): void
    {
        $policy = $this->admin->policy();
        self::assertSame(PolicyChoice::TotpRequired, PolicyChoice::of($policy));
        $disabled = $this->admin->changePolicy(PolicyChoice::Disabled->toChange(), $policy->etag);
        self::assertSame(PolicyChoice::Disabled, PolicyChoice::of($disabled));
        self::assertNotSame($policy->etag, $disabled->etag);

        $step = $this->begin();
        self::assertSame(Stage::Passed, $step->stage);
        self::assertSame($this->user->id, $step->passedUserId);
        self::assertFalse($step->isProvenByFactor());
    }

    public function testAChangeOfAnOlderVersionIsRefusedAndChangesNothing(): void
    {
        $seen = $this->admin->policy();
        $this->admin->changePolicy(['trusted_device_days' => 30], $seen->etag);
        $present = $this->admin->policy();
        try {
            $this->admin->changePolicy(PolicyChoice::Disabled->toChange(), $seen->etag);
            self::fail('The older version was taken.');
        } catch (Problem $problem) {
            self::assertSame(ProblemCode::PreconditionFailed, $problem->problem);
        }
        self::assertEquals($present, $this->admin->policy());
        self::assertSame(30, $present->trustedDeviceDays);
    }

    public function testAUserWhomTheServiceHasNotSeenIsFoundToBeNobody(): void
    {
        self::assertNull($this->admin->findUser($this->user->id));
        try {
            $this->admin->removeAuthenticators($this->user->id);
            self::fail('There is nobody.');
        } catch (Problem $problem) {
            self::assertSame(ProblemCode::UserNotFound, $problem->problem);
        }
        $this->bridge->putUser($this->user);
        self::assertFalse($this->admin->findUser($this->user->id)->enrolled);
    }

    public function testAPolicyFinerThanTheDropDownIsShownAsSuch(): void
    {
        $policy = $this->admin->replacePolicy(new Policy(PolicyMode::Optional, ['totp'], requiredRoles: ['editor']));
        self::assertNull(PolicyChoice::of($policy));
        self::assertSame(['editor'], $this->bridge->policy()->requiredRoles);
    }

    public function testWhatWasReadCanBeSentBackWhole(): void
    {
        $rules = ['mode' => 'required', 'methods' => ['totp'], 'grace_period_days' => 3, 'trusted_device_days' => 7,
            'required_roles' => ['editor'], 'exempt_roles' => ['robot'], 'self_service' => false,
            'replace_weak_secrets' => true];
        $policy = $this->admin->changePolicy($rules, null);
        self::assertSame($rules, $policy->toRequest());
        self::assertSame($rules, $this->admin->replacePolicy($this->admin->policy())->toRequest());
    }

    public function testRemovingTheAuthenticatorMakesTheNextLoginSetUpAgain(): void
    {
        $this->bridge->putUser($this->user);
        self::assertSame(0, $this->admin->removeAuthenticators($this->user->id));
        $this->enroll();
        self::assertTrue($this->bridge->user($this->user->id)->enrolled);
        self::assertSame(1, $this->admin->removeAuthenticators($this->user->id));
        self::assertFalse($this->bridge->user($this->user->id)->enrolled);
        self::assertSame(Stage::Enroll, $this->begin()->stage);
    }

    public function testTheRosterTellsForAPageOfUsersWhoHasSetUp(): void
    {
        $this->enroll();
        $other = new User($this->user->id . '-other', 'bob');
        $this->bridge->putUser($other);

        $roster = $this->admin->usersById([$this->user->id, $other->id, 'nobody-has-this-id']);
        self::assertTrue($roster->find($this->user->id)->enrolled);
        self::assertFalse($roster->find($other->id)->enrolled);
        self::assertNull($roster->find('nobody-has-this-id'));
    }

    public function testTheRosterIsReadInPages(): void
    {
        $this->bridge->putUser($this->user);
        $this->bridge->putUser(new User($this->user->id . '-other', 'bob'));
        $seen = [];
        $cursor = null;
        do {
            $page = $this->admin->users(enrolled: false, cursor: $cursor, limit: 1);
            $seen = [...$seen, ...array_column($page->users, 'id')];
            $cursor = $page->nextCursor;
        } while ($cursor !== null);
        self::assertContains($this->user->id, $seen);
        self::assertContains($this->user->id . '-other', $seen);
        self::assertSame(array_unique($seen), $seen);
    }

    /** @dataProvider oddIds */
    public function testAUserIdReachesTheServiceByteForByte(string $id): void
    {
        $this->bridge->putUser(new User($id, 'odd'));
        self::assertSame($id, $this->bridge->user($id)->id);
        self::assertNotNull($this->admin->usersById([$id])->find($id));
        self::assertSame($id, $this->bridge->beginLogin(new User($id, 'odd'), new \MfaSidecar\Api\Visitor())->userId);
        self::assertSame($id, $this->admin->actingAs($id)->user($id)->id);
    }

    public function oddIds(): array
    {
        $ids = ['a+b/c%2F d', 'a%00', '...', 'á', "a\u{301}", '%2e%2e', 'a?b#c&d=e', "\u{1F600}", '"\\'];
        return array_map(static fn (string $id): array => [$id], $ids);
    }

    public function testADeletedUserIsGone(): void
    {
        $this->enroll();
        $this->admin->deleteUser($this->user->id);
        try {
            $this->admin->user($this->user->id);
            self::fail('The user is still there.');
        } catch (Problem $problem) {
            self::assertSame(ProblemCode::UserNotFound, $problem->problem);
        }
        self::assertSame(Stage::Enroll, $this->begin()->stage);
    }

    public function testTheAuditLogTellsWhoRemovedAnAuthenticator(): void
    {
        $this->enroll();
        $this->admin->removeAuthenticators($this->user->id);
        $page = $this->admin->auditEvents(userId: $this->user->id);
        self::assertNotSame([], $page->events);
        $removals = array_filter($page->events, static fn ($event): bool => $event->action === 'authenticator.removed');
        self::assertCount(1, $removals);
    }

    public function testAKeyOfTheWrongRoleOrNoneIsAMisconfiguration(): void
    {
        foreach ([$this->bridge, new Client(new Transport(self::$service->url, 'unknown'))] as $client) {
            try {
                $client->unlockUser($this->user->id);
                self::fail('The key was taken.');
            } catch (Misconfigured $error) {
                self::assertStringContainsString('POST /v1/users/{user_id}/unlock', $error->getMessage());
            }
        }
    }

    public function testAConnectionTestTellsWhatTheKeyOpens(): void
    {
        self::assertSame(['bridge'], $this->bridge->ping()->roles);
        self::assertSame('default', $this->admin->ping()->site);
    }

    public function testHealthNeedsNoKey(): void
    {
        $client = new Client(new Transport(self::$service->url, ''));
        self::assertTrue($client->isHealthy());
        self::assertTrue($client->isReady());
        self::assertFalse((new Client(new Transport('http://127.0.0.1:1', '')))->isReady());
    }
}
