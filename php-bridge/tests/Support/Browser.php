<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Support;

/** A browser without JavaScript: cookies, the page's form token, no redirect followed unless asked. */
final class Browser
{
    public int $status = 0;
    public string $body = '';
    /** @var array<string, string> by lower-case name */
    public array $headers = [];
    private \CurlHandle $handle;

    public function __construct(private readonly string $base)
    {
        $this->handle = curl_init();
        curl_setopt($this->handle, CURLOPT_COOKIEFILE, '');
    }

    public function get(string $path): self
    {
        return $this->send($path, null);
    }

    /** @param array<string, string|list<string>> $fields beside the token of the page that is shown */
    public function post(string $path, array $fields = []): self
    {
        return $this->send($path, $fields + ['csrf' => $this->token()]);
    }

    public function follow(): self
    {
        return $this->status === 303 ? $this->get($this->headers['location']) : $this;
    }

    public function signIn(string $name, string $password, string $return = '/'): self
    {
        $fields = ['username' => $name, 'password' => $password, 'return' => $return];
        return $this->get('/login')->post('/login', $fields);
    }

    /** Which page it is. */
    public function page(): string
    {
        return preg_match('/data-page="([a-z-]+)"/', $this->body, $match) ? $match[1] : '';
    }

    public function has(string $testId): bool
    {
        return str_contains($this->body, "data-testid=\"$testId\"");
    }

    public function attribute(string $name): string
    {
        return preg_match("/ $name=\"([^\"]*)\"/", $this->body, $match) ? html_entity_decode($match[1]) : '';
    }

    public function token(): string
    {
        return preg_match('/name="csrf" value="([0-9a-f]+)"/', $this->body, $match) ? $match[1] : '';
    }

    public function sessionId(): string
    {
        foreach (curl_getinfo($this->handle, CURLINFO_COOKIELIST) as $cookie) {
            $fields = explode("\t", $cookie);
            if ($fields[5] === 'demo_session') {
                return $fields[6];
            }
        }
        return '';
    }

    public function setSessionId(string $id): self
    {
        curl_setopt($this->handle, CURLOPT_COOKIELIST, "Set-Cookie: demo_session=$id; path=/; domain=127.0.0.1");
        return $this;
    }

    /** @param array<string, string|list<string>>|null $fields */
    private function send(string $path, ?array $fields): self
    {
        $this->headers = [];
        curl_setopt_array($this->handle, [
            CURLOPT_URL => $this->base . $path,
            CURLOPT_PROXY => '',
            CURLOPT_TIMEOUT => 20,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_HEADERFUNCTION => function ($handle, string $line): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $this->headers[strtolower($name)] = trim($value);
                return strlen($line);
            },
        ]);
        if ($fields === null) {
            curl_setopt($this->handle, CURLOPT_HTTPGET, true);
        } else {
            curl_setopt($this->handle, CURLOPT_POSTFIELDS, http_build_query($fields));
        }
        $this->body = (string) curl_exec($this->handle);
        $this->status = curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE);
        return $this;
    }
}
