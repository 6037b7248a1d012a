<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** The command that hands the secrets of core's own method to the service's import. */
final class ExportTest extends TestCase
{
    private const COMMAND = __DIR__ . '/../../civicrm/bin/export-totp.php';

    private Site $site;

    protected function setUp(): void
    {
        $this->site = new Site();
        $this->site->addUser(42, 'alice', 'secret');
        $this->site->addUser(43, 'böb "x"', 'secret');
    }

    protected function tearDown(): void
    {
        $this->site->stop();
    }

    public function testEachSecretIsALineAsTheImportReadsIt(): void
    {
        $this->site->setTotp([
            $this->row(42, 'JBSWY3DPEHPK3PXP'),
            // Core's schema writes its default with quotation marks.
            $this->row(43, 'abcdefghijklmnop', ['hash' => '"sha1"', 'length' => '8', 'period' => '60']),
        ]);
        [$status, $output, $errors] = $this->export(['pipe', 'w']);
        self::assertSame(0, $status, $errors);
        $lines = explode("\n", trim($output));
        self::assertCount(2, $lines);
        self::assertSame([
            'user' => ['id' => '42', 'name' => 'alice', 'email' => 'alice@example.org'],
            'secret' => 'JBSWY3DPEHPK3PXP',
            'digits' => 6,
            'period' => 30,
            'algorithm' => 'SHA1',
        ], json_decode($lines[0], true));
        $second = json_decode($lines[1], true);
        self::assertSame(['ABCDEFGHIJKLMNOP', 8, 60, 'SHA1'], [
            $second['secret'],
            $second['digits'],
            $second['period'],
            $second['algorithm'],
        ]);
        self::assertStringNotContainsString('JBSWY3DPEHPK3PXP', $errors);
    }

    public function testTheAppGoesOnToWorkUntilTheRulesHaveItsWeakSecretReplaced(): void
    {
        $secret = 'JBSWY3DPEHPK3PXP';
        $this->site->setTotp([$this->row(42, $secret)]);
        [, $output] = $this->export(['pipe', 'w']);
        $service = new Service();
        try {
            $service->admin()->changePolicy(PolicyChoice::TotpRequired->toChange(), null);
            $import = static fn (): string => $service->pipe($output, 'import', 'civicrm', '-');
            self::assertStringContainsString('Imported 1, of which 1 with a weak secret', $import());
            self::assertStringContainsString('1 were enrolled already', $import());
            $this->site->connect($service->url, $service->bridgeKey, '');
            $this->site->set(['standalone_mfa_enabled' => ['Sidecar']]);
            self::assertSame('/civicrm/home', $this->login()->answer((new Phone($secret))->code())['url']);

            $service->admin()->changePolicy(['replace_weak_secrets' => true], null);
            $visitor = $this->login();
            $visitor->answer((new Phone($secret))->code(30));
            self::assertSame(0, $visitor->userId());
            $new = $visitor->get('/civicrm/mfa/sidecar')->attribute('data-secret');
            $answer = $visitor->answer(['do' => 'confirm', 'code' => (new Phone($new))->code()]);
            self::assertSame('/civicrm/mfa/sidecar/recovery-codes', $answer['url']);
            self::assertSame(42, $visitor->userId());
            $state = $service->admin()->user('42');
            self::assertSame([false], array_column($state->authenticators, 'isWeak'));
            self::assertSame(10, $state->recoveryCodesRemaining);
        } finally {
            $service->stop();
        }
    }

    public function testWhatCannotBeExportedIsNamedAndTheOthersGoOn(): void
    {
        $this->site->setTotp([
            $this->row(42, 'not base32 1890'),
            ['seed' => "\2CTK?CRED***"] + $this->row(42, ''),
            $this->row(99, 'JBSWY3DPEHPK3PXP'),
            $this->row(43, 'JBSWY3DPEHPK3PXP'),
        ]);
        [$status, $output, $errors] = $this->export(['pipe', 'w']);
        self::assertSame(1, $status);
        self::assertCount(1, explode("\n", trim($output)));
        self::assertStringContainsString('user 42: the secret is not base32', $errors);
        self::assertStringContainsString('user 42: the secret does not open', $errors);
        self::assertStringContainsString('user 99: there is no such user', $errors);
        self::assertStringNotContainsString('1890', $errors);
    }

    public function testAFileGetsTheSecretsOnlyWhenAskedForTwice(): void
    {
        $this->site->setTotp([$this->row(42, 'JBSWY3DPEHPK3PXP')]);
        $file = tempnam(sys_get_temp_dir(), 'mfa-export');
        try {
            [$status, , $errors] = $this->export(['file', $file, 'w']);
            self::assertSame(1, $status);
            self::assertStringContainsString('no pipe', $errors);
            self::assertSame('', file_get_contents($file));
            [$status] = $this->export(['file', $file, 'w'], '--insecure-output');
            self::assertSame(0, $status);
            self::assertStringContainsString('JBSWY3DPEHPK3PXP', (string) file_get_contents($file));
        } finally {
            unlink($file);
        }
    }

    public function testItSaysWhenThereIsNoCivicrm(): void
    {
        [$status, , $errors] = $this->export(['pipe', 'w'], '/nowhere', '');
        self::assertSame(1, $status);
        self::assertStringContainsString('civicrm.standalone.php', $errors);
    }

    private function login(): Visitor
    {
        $visitor = $this->site->visitor();
        self::assertSame(['url' => '/civicrm/mfa/sidecar'], $visitor->password('alice', 'secret'));
        return $visitor;
    }

    /**
     * @param array<string, mixed> $more
     * @return array<string, mixed>
     */
    private function row(int $userId, string $secret, array $more = []): array
    {
        $seed = "\2CTK?CRED" . base64_encode(strrev($secret));
        $row = ['id' => 1, 'user_id' => $userId, 'seed' => $seed, 'hash' => 'sha1', 'period' => 30, 'length' => 6];
        return $more + $row;
    }

    /**
     * @param list<string> $output of the command
     * @return array{int, string, string} status, output and errors
     */
    private function export(array $output, string $argument = '', string $directory = __DIR__ . '/Standin'): array
    {
        $command = [PHP_BINARY, self::COMMAND, ...array_filter([$argument, $directory])];
        $environment = $this->site->environment() + getenv();
        $process = proc_open($command, [1 => $output, 2 => ['pipe', 'w']], $pipes, null, $environment);
        $text = isset($pipes[1]) ? (string) stream_get_contents($pipes[1]) : '';
        $errors = (string) stream_get_contents($pipes[2]);
        return [proc_close($process), $text, $errors];
    }
}
