<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

/** CiviCRM's own API, for clients with CiviCRM's credentials. */
final class ApiTest extends SiteTestCase
{
    private Visitor $client;
    private int $adminId;

    protected function setUp(): void
    {
        parent::setUp();
        $this->adminId = self::user(['admin']);
        [, , $this->client] = self::enroll($this->adminId);
    }

    public function testALostAuthenticatorIsRemovedAndTheNextLoginSetsUpAnew(): void
    {
        $id = self::user();
        self::enroll($id);
        $never = self::user();
        self::assertSame(
            [['id' => $id, 'removed' => 1], ['id' => $never, 'removed' => 0]],
            $this->call('removeAuthenticators', [['id', 'IN', [$id, $never, $id]]]),
        );
        self::assertTrue(self::pending($id)->get('/civicrm/mfa/sidecar')->has('qr'));
        $events = $this->admin->auditEvents((string) $id, 'authenticator.removed')->events;
        self::assertSame((string) $this->adminId, $events[0]->members['actor']['claimed']);
    }

    public function testTheStateOfUsersIsReadWithoutASecret(): void
    {
        $id = self::user();
        [$phone] = self::enroll($id);
        $rows = $this->call('get', [['id', '=', (string) $id]]);
        self::assertSame([[
            'id' => $id,
            'enrolled' => true,
            'methods' => ['totp'],
            'recovery_codes_remaining' => 10,
            'locked_until' => null,
        ]], $rows);
        $visitor = self::pending($id);
        for ($i = 0; $i < 5; $i++) {
            $visitor->answer($phone->wrongCode());
        }
        self::assertNotNull($this->call('get', [['id', '=', $id]])[0]['locked_until']);
        $this->call('unlock', [['id', '=', $id]]);
        self::assertNull($this->call('get', [['id', '=', $id]])[0]['locked_until']);
    }

    public function testAOneTimePassIsIssued(): void
    {
        $id = self::user();
        self::enroll($id);
        $params = ['where' => [['id', '=', $id]], 'expiresIn' => 300];
        [$row] = $this->client->api('MfaSidecarUser', 'issueOneTimePass', $params);
        self::assertSame($id, $row['id']);
        self::assertLessThan(time() + 310, strtotime($row['expires_at']));
        $answer = self::pending($id)->answer(['do' => 'answer', 'method' => 'one_time_pass', 'code' => $row['code']]);
        self::assertSame('/civicrm/mfa/sidecar', $answer['url']);
    }

    /** @dataProvider clausesThatAreNone */
    public function testAClauseThatIsNotUnderstoodReachesNobody(mixed $where): void
    {
        $answer = $this->client->api('MfaSidecarUser', 'removeAuthenticators', ['where' => $where]);
        self::assertSame(500, $answer['status']);
        self::assertTrue($this->admin->user((string) $this->adminId)->enrolled);
    }

    /** @return array<string, array{mixed}> */
    public function clausesThatAreNone(): array
    {
        return [
            'none' => [[]],
            'all' => [[['id', '>', 0]]],
            'nobody' => [[['id', 'IN', []]]],
            'two' => [[['id', '=', 1], ['id', '=', 2]]],
            'another field' => [[['username', '=', 'u2']]],
            'text' => [[['id', '=', '2 or 1']]],
            'negative' => [[['id', 'IN', [2, -2]]]],
            'nested' => [[['OR', [['id', '=', 1]]]]],
            'no list' => [['id']],
            'a path' => [[['id', '=', '../policy']]],
        ];
    }

    public function testOnlyWhoMayAdministerUsersMayCall(): void
    {
        [, , $staff] = self::enroll(self::user());
        foreach (['get', 'removeAuthenticators', 'unlock', 'issueOneTimePass'] as $action) {
            foreach ([$staff, self::$site->visitor()] as $visitor) {
                $answer = $visitor->api('MfaSidecarUser', $action, ['where' => [['id', '=', $this->adminId]]]);
                self::assertSame(403, $answer['status'], $action);
            }
        }
        self::assertTrue($this->admin->user((string) $this->adminId)->enrolled);
    }

    public function testAnOutageIsAnErrorAndItsCauseIsInTheLog(): void
    {
        $this->connect('http://127.0.0.1:1');
        self::assertSame(500, $this->call('removeAuthenticators', [['id', '=', $this->adminId]])['status']);
        self::assertStringContainsString('mfa-sidecar: DELETE /v1/users', self::$site->log());
    }

    public function testTheFieldsAreNamed(): void
    {
        $fields = $this->client->api('MfaSidecarUser', 'getFields', []);
        self::assertContains('enrolled', array_column($fields, 'name'));
    }

    public function testNoActionGivesOutSecrets(): void
    {
        $methods = array_map(
            static fn (string $file): string => basename($file, '.php'),
            glob(__DIR__ . '/../../civicrm/Civi/Api4/Action/MfaSidecarUser/*.php'),
        );
        self::assertSame(['Get', 'IssueOneTimePass', 'RemoveAuthenticators', 'Unlock', 'UsersAction'], $methods);
    }

    /**
     * @param list<array<mixed>> $where
     * @return array<mixed>
     */
    private function call(string $action, array $where): array
    {
        return $this->client->api('MfaSidecarUser', $action, ['where' => $where]);
    }
}
