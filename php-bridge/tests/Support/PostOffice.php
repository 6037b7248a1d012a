<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** Takes the mail and the text messages that the service sends: the demonstration's own post office. */
final class PostOffice
{
    /** @var array<string, string> settings of the service */
    public readonly array $environment;
    private readonly string $file;
    private readonly string $directory;
    private readonly Process $process;

    /** @param string|null $file where the messages go; a demo host shows those of its own directory */
    public function __construct(?string $file = null)
    {
        $this->directory = Process::temporaryDirectory();
        $this->file = $file ?? "$this->directory/messages.jsonl";
        $smtp = Process::freePort();
        $sms = Process::freePort();
        $this->process = new Process(
            [PHP_BINARY, __DIR__ . '/../../demo/bin/post-office.php', (string) $smtp, (string) $sms, $this->file],
            [],
            "$this->directory/log",
        );
        $this->process->readLine();
        $this->environment = [
            'MFA_SIDECAR_SMTP_URL' => "smtp://127.0.0.1:$smtp",
            'MFA_SIDECAR_MAIL_FROM' => 'Harbour <mfa@harbour.example>',
            'MFA_SIDECAR_SMS_PROFILE' => 'json',
            'MFA_SIDECAR_SMS_URL' => "http://127.0.0.1:$sms/",
            'MFA_SIDECAR_SMS_FROM' => 'Harbour',
        ];
    }

    /** @return list<array{kind: string, to: string, subject: string, text: string}> oldest first */
    public function messages(string $to): array
    {
        $lines = is_file($this->file) ? file($this->file, FILE_IGNORE_NEW_LINES) : [];
        $messages = array_map(static fn (string $line): array => json_decode($line, true), $lines);
        return array_values(array_filter($messages, static fn (array $message): bool => $message['to'] === $to));
    }

    /** The six digits of the newest message there that holds some; notices hold none. */
    public function code(string $to): string
    {
        foreach (array_reverse($this->messages($to)) as $message) {
            if (preg_match('/\b\d{6}\b/', $message['text'], $match)) {
                return $match[0];
            }
        }
        throw new \RuntimeException("No code came to $to.");
    }

    public function close(): void
    {
        $this->process->stop();
        Process::removeDirectory($this->directory);
    }
}
