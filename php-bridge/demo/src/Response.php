<?php

declare(strict_types=1);

namespace Demo;

/** An answer to the browser, with the headers that every page has. */
final class Response
{
    private const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        . "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /** @param array<string, string> $headers */
    private function __construct(
        private readonly int $status,
        private readonly array $headers,
        private readonly string $body,
    ) {
    }

    public static function html(string $body, int $status = 200): self
    {
        return new self($status, ['Content-Type' => 'text/html; charset=utf-8'], $body);
    }

    /** After a POST, so that a reload repeats nothing. */
    public static function seeOther(string $path): self
    {
        return new self(303, ['Location' => $path], '');
    }

    public static function download(
        string $name,
        #[\SensitiveParameter] string $text,
        string $type = 'text/plain; charset=utf-8',
    ): self {
        return new self(200, [
            'Content-Type' => $type,
            'Content-Disposition' => "attachment; filename=\"$name\"",
        ], $text);
    }

    public static function asset(string $file): self
    {
        $type = str_ends_with($file, '.css') ? 'text/css' : 'text/javascript';
        return new self(200, [
            'Content-Type' => "$type; charset=utf-8",
            'Cache-Control' => 'no-cache',
        ], (string) file_get_contents($file));
    }

    public function send(): void
    {
        http_response_code($this->status);
        $headers = $this->headers + [
            'Cache-Control' => 'no-store',
            'Content-Security-Policy' => self::POLICY,
            'Referrer-Policy' => 'no-referrer',
            'X-Content-Type-Options' => 'nosniff',
            'X-Frame-Options' => 'DENY',
        ];
        foreach ($headers as $name => $value) {
            header("$name: $value");
        }
        header_remove('X-Powered-By');
        echo $this->body;
    }
}
