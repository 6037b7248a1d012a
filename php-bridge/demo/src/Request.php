<?php

declare(strict_types=1);

namespace Demo;

/** What the browser sent; a field is always a string. */
final class Request
{
    /**
     * @param array<mixed> $query
     * @param array<mixed> $form
     * @param array<mixed> $cookies
     */
    private function __construct(
        public readonly string $method,
        public readonly string $path,
        public readonly string $language,
        public readonly bool $isSecure,
        public readonly ?string $ip,
        public readonly ?string $userAgent,
        private readonly array $query,
        private readonly array $form,
        private readonly array $cookies,
    ) {
    }

    public static function fromGlobals(): self
    {
        return new self(
            $_SERVER['REQUEST_METHOD'] === 'HEAD' ? 'GET' : $_SERVER['REQUEST_METHOD'],
            explode('?', $_SERVER['REQUEST_URI'], 2)[0],
            $_SERVER['HTTP_ACCEPT_LANGUAGE'] ?? '',
            ($_SERVER['HTTPS'] ?? 'off') !== 'off',
            $_SERVER['REMOTE_ADDR'] ?? null,
            $_SERVER['HTTP_USER_AGENT'] ?? null,
            $_GET,
            $_POST,
            $_COOKIE,
        );
    }

    public function query(string $name): string
    {
        return is_string($this->query[$name] ?? null) ? $this->query[$name] : '';
    }

    public function field(string $name): string
    {
        return is_string($this->form[$name] ?? null) ? $this->form[$name] : '';
    }

    /** @return array<mixed> all of them, for the library's own forms */
    public function fields(): array
    {
        return $this->form;
    }

    /** @return array<mixed> */
    public function queries(): array
    {
        return $this->query;
    }

    public function cookie(string $name): ?string
    {
        $value = $this->cookies[$name] ?? null;
        return is_string($value) && $value !== '' ? $value : null;
    }

    /** The path with its query, to come back to. */
    public function address(): string
    {
        return $this->path . ($this->query === [] ? '' : '?' . http_build_query($this->query));
    }

    public function __debugInfo(): array
    {
        return ['method' => $this->method, 'path' => $this->path];
    }
}
