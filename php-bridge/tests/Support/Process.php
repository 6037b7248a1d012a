<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** A server that a test starts and, by its process id, stops again. */
final class Process
{
    /** @var resource */
    private $process;
    /** @var resource the child's standard input: it ends when the test does, however it does */
    private $input;
    /** @var resource */
    private $output;

    /**
     * @param list<string> $command
     * @param array<string, string> $environment beside the test's own
     */
    public function __construct(array $command, array $environment, public readonly string $log)
    {
        $this->process = proc_open(
            $command,
            [['pipe', 'r'], ['pipe', 'w'], ['file', $log, 'a']],
            $pipes,
            null,
            $environment + getenv(),
        );
        [$this->input, $this->output] = $pipes;
    }

    public function readLine(): string
    {
        $line = fgets($this->output);
        return trim($line ?: throw new \RuntimeException('The server said nothing: ' . $this->logged()));
    }

    /** @param \Closure(): bool $ready asked until it is true */
    public function waitUntil(\Closure $ready): void
    {
        $deadline = hrtime(true) + 20_000_000_000;
        while (!$ready()) {
            if (!proc_get_status($this->process)['running'] || hrtime(true) > $deadline) {
                throw new \RuntimeException('The server did not come up: ' . $this->logged());
            }
            usleep(10_000);
        }
    }

    public function logged(): string
    {
        return (string) file_get_contents($this->log);
    }

    public function stop(): void
    {
        if (proc_get_status($this->process)['running']) {
            proc_terminate($this->process);
        }
        fclose($this->input);
        fclose($this->output);
        proc_close($this->process);
    }

    /**
     * A port that was free a moment ago. It is below those that the system gives to outgoing connections, one of which
     * could otherwise have it by the time a server starts on it.
     */
    public static function freePort(): int
    {
        do {
            $port = random_int(20000, 31999);
            $socket = @stream_socket_server("tcp://127.0.0.1:$port");
        } while ($socket === false);
        fclose($socket);
        return $port;
    }

    public static function temporaryDirectory(): string
    {
        $directory = sys_get_temp_dir() . '/mfa-bridge-' . bin2hex(random_bytes(6));
        mkdir($directory, 0700);
        return $directory;
    }

    public static function removeDirectory(string $directory): void
    {
        $entries = new \RecursiveIteratorIterator(
            new \RecursiveDirectoryIterator($directory, \FilesystemIterator::SKIP_DOTS),
            \RecursiveIteratorIterator::CHILD_FIRST,
        );
        foreach ($entries as $entry) {
            $entry->isDir() ? rmdir($entry->getPathname()) : unlink($entry->getPathname());
        }
        rmdir($directory);
    }
}
