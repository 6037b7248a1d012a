<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Tests\Support\Process;

/** The stand-in for CiviCRM on a port of its own, with the extension in it. */
final class Site
{
    public readonly string $url;
    private readonly string $directory;
    private readonly Process $process;

    /** @param array<string, string> $constants as civicrm.settings.php would define them */
    public function __construct(array $constants = [])
    {
        $this->directory = Process::temporaryDirectory();
        mkdir("$this->directory/templates_c");
        touch("$this->directory/civicrm.log");
        $this->write(['settings' => [], 'users' => [], 'constants' => $constants]);
        $address = '127.0.0.1:' . Process::freePort();
        $this->url = "http://$address";
        $this->process = new Process(
            [PHP_BINARY, '-S', $address, __DIR__ . '/Standin/index.php'],
            $this->environment(),
            "$this->directory/server.log",
        );
        $this->process->waitUntil(fn (): bool => (new Visitor($this->url))->get('/civicrm/login')->page() !== '');
    }

    /** @param list<string> $roles */
    public function addUser(int $id, string $name, string $password, array $roles = ['staff']): void
    {
        $this->write(['users' => [$id => [
            'id' => $id,
            'username' => $name,
            'uf_name' => "$name@example.org",
            'hashed_password' => password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]),
            'is_active' => true,
            'language' => null,
            'roles:name' => $roles,
            'contact_id.phone_primary.phone' => "+4366455501$id",
        ]] + $this->state()['users']] + $this->state());
    }

    public function setting(string $name): mixed
    {
        return $this->state()['settings'][$name] ?? null;
    }

    /** @param array<string, mixed> $settings */
    public function set(array $settings): void
    {
        $state = $this->state();
        $this->write(['settings' => $settings + $state['settings']] + $state);
    }

    /** @param array<int, array<string, mixed>> $domains settings of the other domains of the installation */
    public function setDomains(array $domains): void
    {
        $this->write(['domains' => $domains] + $this->state());
    }

    /** Saves a connection as the page does. */
    public function connect(string $url, string $bridgeKey, string $adminKey): void
    {
        $this->set([
            'mfasidecar_url' => $url,
            'mfasidecar_bridge_key' => self::sealed($url, $bridgeKey),
            'mfasidecar_admin_key' => self::sealed($url, $adminKey),
        ]);
    }

    /** A key as the extension stores it; the stand-in's seal can be looked through. */
    public static function sealed(string $url, string $key): string
    {
        $text = json_encode(['url' => $url, 'key' => $key], JSON_THROW_ON_ERROR);
        return "\2CTK?CRED" . base64_encode(strrev($text));
    }

    /** @param list<array<string, mixed>> $rows of core's table of secrets */
    public function setTotp(array $rows): void
    {
        $this->write(['totp' => $rows] + $this->state());
    }

    /** @param int $seconds by which the extension's clock is ahead */
    public function setClock(int $seconds): void
    {
        $this->write(['clock' => $seconds] + $this->state());
    }

    /** All that is stored of all browsers. */
    public function sessions(): string
    {
        return implode("\n", array_map('file_get_contents', glob("$this->directory/sess_*")));
    }

    public function setLocale(string $locale): void
    {
        $this->write(['locale' => $locale] + $this->state());
    }

    /** @param array<string, mixed> $fields */
    public function changeUser(int $id, array $fields): void
    {
        $state = $this->state();
        $state['users'][$id] = $fields + $state['users'][$id];
        $this->write($state);
    }

    public function visitor(): Visitor
    {
        return new Visitor($this->url);
    }

    /** What core asks of the extension outside of pages. */
    public function core(string $what, string $query = ''): mixed
    {
        return json_decode((new Visitor($this->url))->get("/_core/$what?$query")->body, true, 64, JSON_THROW_ON_ERROR);
    }

    public function log(): string
    {
        return (string) file_get_contents("$this->directory/civicrm.log");
    }

    /** What PHP itself had to say: warnings are mistakes. */
    public function serverLog(): string
    {
        return $this->process->logged();
    }

    /** @return array<string, string> for a command of the extension */
    public function environment(): array
    {
        return ['STANDIN_DIR' => $this->directory];
    }

    public function stop(): void
    {
        $this->process->stop();
        Process::removeDirectory($this->directory);
    }

    /** @return array<string, mixed> */
    private function state(): array
    {
        return json_decode((string) file_get_contents("$this->directory/state.json"), true, 64, JSON_THROW_ON_ERROR);
    }

    /** @param array<string, mixed> $state */
    private function write(array $state): void
    {
        file_put_contents("$this->directory/state.json", json_encode($state, JSON_THROW_ON_ERROR));
    }
}
