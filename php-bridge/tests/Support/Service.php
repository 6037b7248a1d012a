<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\Transport;

/** The real service, on a port or socket of its own, with data that nobody else has. */
final class Service
{
    public readonly string $url;
    public readonly string $bridgeKey;
    public readonly string $adminKey;
    private readonly string $directory;
    private readonly string $binary;
    private readonly Process $process;

    /** @param array<string, string> $settings beside those of every test */
    public function __construct(bool $overUnixSocket = false, array $settings = [])
    {
        $this->binary = getenv('SIDECAR_BIN') ?: dirname(__DIR__, 3) . '/target/debug/mfa-sidecar';
        $this->directory = Process::temporaryDirectory();
        $listen = $overUnixSocket ? "unix:$this->directory/service.sock" : '127.0.0.1:' . Process::freePort();
        $this->url = $overUnixSocket ? $listen : "http://$listen";
        $this->process = new Process(
            [$this->binary, 'serve', '--listen', $listen, '--data-dir', "$this->directory/data"],
            $settings + self::environment(),
            "$this->directory/log",
        );
        $health = new Client(new Transport($this->url, 'none'));
        $this->process->waitUntil($health->isReady(...));
        // Keys of this data directory: that they work proves that nobody else answers.
        $this->bridgeKey = $this->command('key', 'create', '--name', 'bridge', '--role', 'bridge');
        $this->adminKey = $this->command('key', 'create', '--name', 'admin', '--role', 'admin');
    }

    /** @return string what the command printed */
    public function command(string ...$arguments): string
    {
        return $this->pipe('', ...$arguments);
    }

    /** @return string what the command printed, to which another has piped this */
    public function pipe(string $input, string ...$arguments): string
    {
        $command = [$this->binary, ...$arguments, '--data-dir', "$this->directory/data"];
        $streams = [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']];
        $process = proc_open($command, $streams, $pipes, null, self::environment() + getenv());
        fwrite($pipes[0], $input);
        fclose($pipes[0]);
        $output = trim(stream_get_contents($pipes[1]));
        $errors = stream_get_contents($pipes[2]);
        return proc_close($process) === 0 ? $output : throw new \RuntimeException("mfa-sidecar $arguments[0]: $errors");
    }

    public function bridge(): Client
    {
        return new Client(new Transport($this->url, $this->bridgeKey));
    }

    public function admin(): Client
    {
        return new Client(new Transport($this->url, $this->adminKey));
    }

    public function stop(): void
    {
        $this->process->stop();
        Process::removeDirectory($this->directory);
    }

    /** @return array<string, string> */
    private static function environment(): array
    {
        return [
            'MFA_SIDECAR_RECOVERY_CODE_HASH' => 'm=8,t=1,p=1',
            'MFA_SIDECAR_INSECURE_TEST_COST' => '1',
        ];
    }
}
