<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

/** Somebody at a browser: pages and forms without JavaScript, and the calls that core's scripts make. */
final class Visitor
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
        return $this->send($path, null, []);
    }

    /** @param array<string, mixed> $fields beside the token of the page that is shown */
    public function post(string $path, array $fields): self
    {
        return $this->send($path, http_build_query($fields + ['csrf' => $this->attribute('value', 'name="csrf"')]), []);
    }

    /**
     * A call of API4, as core's scripts make it.
     *
     * @param array<string, mixed> $params
     * @return array<string, mixed> its values; `status` where it failed
     */
    public function api(string $entity, string $action, array $params): array
    {
        $body = http_build_query(['params' => json_encode($params, JSON_THROW_ON_ERROR)]);
        $this->send("/civicrm/ajax/api4/$entity/$action", $body, ['X-Requested-With: XMLHttpRequest']);
        $answer = json_decode($this->body, true, 64, JSON_THROW_ON_ERROR);
        return $answer['values'] ?? $answer;
    }

    /**
     * @param array<string, mixed> $more
     * @return array<string, mixed>
     */
    public function password(string $name, string $password, array $more = []): array
    {
        return $this->api('User', 'login', ['identifier' => $name, 'password' => $password] + $more);
    }

    /** @return array<string, mixed> */
    public function answer(mixed $data, string $class = 'Sidecar'): array
    {
        return $this->api('User', 'login', ['mfaClass' => $class, 'mfaData' => $data]);
    }

    /** Who is signed in; 0: nobody. */
    public function userId(): int
    {
        return (int) $this->get('/civicrm/home')->attribute('data-user');
    }

    public function page(): string
    {
        return $this->attribute('data-page');
    }

    public function has(string $testId): bool
    {
        return str_contains($this->body, "data-testid=\"$testId\"");
    }

    public function text(string $testId): string
    {
        $isThere = preg_match("~data-testid=\"$testId\"[^>]*>(.*?)</~s", $this->body, $match) === 1;
        return $isThere ? trim(html_entity_decode(strip_tags($match[1]))) : '';
    }

    public function attribute(string $name, string $of = ''): string
    {
        $pattern = $of === '' ? "/ $name=\"([^\"]*)\"/" : '/' . preg_quote($of, '/') . "[^>]* $name=\"([^\"]*)\"/";
        return preg_match($pattern, $this->body, $match) === 1 ? html_entity_decode($match[1]) : '';
    }

    /** @return array<string, string> */
    public function cookies(): array
    {
        $cookies = [];
        foreach (curl_getinfo($this->handle, CURLINFO_COOKIELIST) as $line) {
            $fields = explode("\t", $line);
            $cookies[$fields[5]] = $fields[6];
        }
        return $cookies;
    }

    public function setCookie(string $name, string $value): self
    {
        curl_setopt($this->handle, CURLOPT_COOKIELIST, "Set-Cookie: $name=$value; path=/; domain=127.0.0.1");
        return $this;
    }

    /** @param list<string> $headers */
    private function send(string $path, ?string $body, array $headers): self
    {
        $this->headers = [];
        curl_setopt_array($this->handle, [
            CURLOPT_URL => $this->base . $path,
            CURLOPT_PROXY => '',
            CURLOPT_TIMEOUT => 30,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_HEADERFUNCTION => function ($handle, string $line): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $name = strtolower($name);
                $known = $this->headers[$name] ?? null;
                $this->headers[$name] = ($known === null ? '' : "$known\n") . trim($value);
                return strlen($line);
            },
        ]);
        $body === null
            ? curl_setopt($this->handle, CURLOPT_HTTPGET, true)
            : curl_setopt($this->handle, CURLOPT_POSTFIELDS, $body);
        $this->body = (string) curl_exec($this->handle);
        $this->status = curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE);
        return $this;
    }
}
