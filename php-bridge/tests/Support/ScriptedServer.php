<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** A server that answers what a test tells it to. */
final class ScriptedServer
{
    public readonly string $url;
    private readonly Process $process;
    private readonly string $directory;

    /** @param array<string, mixed> ...$answers one a request, see answer(), problem(), hang() */
    public function __construct(array ...$answers)
    {
        $this->directory = Process::temporaryDirectory();
        file_put_contents("$this->directory/script.json", json_encode($answers, JSON_THROW_ON_ERROR));
        $this->process = new Process(
            [PHP_BINARY, __DIR__ . '/scripted-server.php', "$this->directory/script.json", "$this->directory/requests"],
            [],
            "$this->directory/log",
        );
        $this->url = 'http://127.0.0.1:' . $this->process->readLine();
    }

    public static function answer(
        int $status,
        mixed $body,
        string $type = 'application/json',
        string $headers = '',
    ): array {
        $body = is_string($body) ? $body : json_encode($body, JSON_THROW_ON_ERROR);
        return ['status' => $status, 'type' => $type, 'body' => $body, 'headers' => $headers];
    }

    /** @param array<string, mixed> $members */
    public static function problem(int $status, string $code, array $members = []): array
    {
        $body = ['type' => "urn:mfa-sidecar:problem:$code", 'title' => $code, 'status' => $status] + $members;
        return self::answer($status, $body, 'application/problem+json');
    }

    public static function hang(): array
    {
        return ['hang' => true];
    }

    /** @param array<string, mixed> $members those that differ from a login at its code page */
    public static function login(int $status, array $members = []): array
    {
        $now = time();
        return self::answer($status, $members + [
            'id' => 'login-0123456789abcdef',
            'user' => ['id' => '42', 'name' => 'alice'],
            'purpose' => 'login',
            'created_at' => gmdate('Y-m-d\TH:i:s\Z', $now),
            'expires_at' => gmdate('Y-m-d\TH:i:s\Z', $now + 120),
            'status' => 'challenge_required',
            'reason' => null,
            'methods' => [['method' => 'totp', 'preferred' => true], ['method' => 'recovery_code', 'remaining' => 10]],
            'enrollable' => ['totp'],
            'attempts_remaining' => 5,
            'retry_after' => null,
            'grace_ends_at' => null,
            'method' => null,
            'amr' => [],
            'authenticated_at' => null,
            'enrolled_now' => false,
            'trusted_device' => null,
            'sent_code' => null,
            // An empty array would be written as a list.
            'known_destinations' => new \stdClass(),
            'trusted_device_days' => 0,
            'recovery_codes_remaining' => null,
        ]);
    }

    /** @param array<string, mixed> $members those that differ from a code that was just sent by mail */
    public static function delivery(array $members = []): array
    {
        return $members + [
            'method' => 'email',
            'authenticator_id' => 'e-1',
            'destination' => 'a••••@example.org',
            'expires_at' => gmdate('Y-m-d\TH:i:s\Z', time() + 600),
            'resend_after' => 30,
        ];
    }

    /** @param array<string, mixed> $members those that differ from a user with an app and an address */
    public static function user(array $members = []): array
    {
        $at = '2030-01-02T03:04:05Z';
        return self::answer(200, $members + [
            'id' => '42',
            'name' => 'alice',
            'enrolled' => true,
            'preferred_method' => 'totp',
            'authenticators' => [
                ['id' => 't-1', 'method' => 'totp', 'name' => 'Authenticator app', 'destination' => null,
                    'created_at' => $at, 'last_used_at' => $at],
                ['id' => 'e-1', 'method' => 'email', 'name' => 'E-mail', 'destination' => 'a••••@example.org',
                    'created_at' => $at, 'last_used_at' => null],
            ],
            'recovery_codes_remaining' => 10,
            'locked_until' => null,
            'trusted_devices' => [
                ['id' => 'd-1', 'name' => 'Firefox on Linux', 'created_at' => $at, 'last_used_at' => $at,
                    'expires_at' => $at],
            ],
            'required' => true,
            'enrollable' => ['totp', 'email'],
            'known_destinations' => new \stdClass(),
        ]);
    }

    /** @return list<array{request: string, headers: list<string>, body: string}> */
    public function requests(): array
    {
        $lines = @file("$this->directory/requests", FILE_IGNORE_NEW_LINES) ?: [];
        return array_map(static fn (string $line): array => json_decode($line, true), $lines);
    }

    public function stop(): void
    {
        $this->process->stop();
        Process::removeDirectory($this->directory);
    }
}
