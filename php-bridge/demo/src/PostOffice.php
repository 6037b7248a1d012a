<?php

declare(strict_types=1);

namespace Demo;

/** The mail and the text messages of the demonstration, in one file: a line of JSON each. */
final class PostOffice
{
    public function __construct(private readonly string $file)
    {
    }

    /** @param string $source the message as it went over the wire */
    public function keepMail(string $to, string $source): void
    {
        [$head, $body] = self::split($source);
        $subject = mb_decode_mimeheader(self::header($head, 'Subject') ?? '');
        $this->keep('mail', $to, $subject, self::plainText($head, $body));
    }

    public function keepText(string $to, string $text): void
    {
        $this->keep('sms', $to, '', $text);
    }

    /** @return list<array{kind: string, to: string, subject: string, text: string, at: int}> the newest first */
    public function messages(int $most = 20): array
    {
        $lines = is_file($this->file) ? file($this->file, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES) : [];
        return array_map(
            static fn (string $line): array => json_decode($line, true, 4, JSON_THROW_ON_ERROR),
            array_reverse(array_slice($lines, -$most)),
        );
    }

    private function keep(string $kind, string $to, string $subject, string $text): void
    {
        $message = ['kind' => $kind, 'to' => $to, 'subject' => $subject, 'text' => trim($text), 'at' => time()];
        $flags = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        file_put_contents($this->file, json_encode($message, $flags) . "\n", FILE_APPEND | LOCK_EX);
    }

    /** The text of a mail, or of the first part of it that is plain text. */
    private static function plainText(string $head, string $body): string
    {
        if (preg_match('/boundary="?([^";\s]+)"?/i', self::header($head, 'Content-Type') ?? '', $match)) {
            foreach (explode("--$match[1]", $body) as $part) {
                [$partHead, $partBody] = self::split(ltrim($part, "\r\n"));
                if (stripos(self::header($partHead, 'Content-Type') ?? '', 'text/plain') === 0) {
                    return self::plainText($partHead, $partBody);
                }
            }
        }
        return match (strtolower(self::header($head, 'Content-Transfer-Encoding') ?? '')) {
            'base64' => (string) base64_decode($body),
            'quoted-printable' => quoted_printable_decode($body),
            default => $body,
        };
    }

    /** @return array{string, string} head and body */
    private static function split(string $source): array
    {
        return explode("\n\n", str_replace("\r\n", "\n", $source), 2) + ['', ''];
    }

    /** A header's value, unfolded (RFC 5322 §2.2.3). */
    private static function header(string $head, string $name): ?string
    {
        $found = preg_match("/^$name:[ \t]*(.*(?:\n[ \t].*)*)/mi", $head, $match);
        return $found ? trim((string) preg_replace('/\n[ \t]+/', ' ', $match[1])) : null;
    }
}
