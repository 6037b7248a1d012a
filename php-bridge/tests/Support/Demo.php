<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** The demo host on a port of its own. */
final class Demo
{
    private const ROOT = __DIR__ . '/../../demo';

    public readonly string $url;
    private readonly string $directory;
    private readonly Process $process;

    public function __construct(string $serviceUrl, string $bridgeKey, string $adminKey)
    {
        $this->directory = Process::temporaryDirectory();
        $environment = [
            'MFA_SIDECAR_URL' => $serviceUrl,
            'MFA_SIDECAR_BRIDGE_KEY' => $bridgeKey,
            'MFA_SIDECAR_ADMIN_KEY' => $adminKey,
            'DEMO_DATA_DIR' => "$this->directory/data",
        ];
        $users = new Process([PHP_BINARY, self::ROOT . '/bin/create-users.php'], $environment, "$this->directory/log");
        while ($users->readLine() !== 'bob: bob-demo') {
            continue;
        }
        $users->stop();

        $address = '127.0.0.1:' . Process::freePort();
        $this->url = "http://$address";
        $public = self::ROOT . '/public';
        $command = [PHP_BINARY, '-S', $address, '-t', $public, "$public/index.php"];
        $this->process = new Process($command, $environment, "$this->directory/log");
        $this->process->waitUntil(fn (): bool => $this->browser()->get('/')->page() === 'welcome');
    }

    public function browser(): Browser
    {
        return new Browser($this->url);
    }

    public function logged(): string
    {
        return $this->process->logged();
    }

    public function stop(): void
    {
        $this->process->stop();
        Process::removeDirectory($this->directory);
    }
}
