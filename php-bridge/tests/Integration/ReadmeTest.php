<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Integration;

use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Tests\Support\Browser;
use MfaSidecar\Tests\Support\Phone;
use MfaSidecar\Tests\Support\Process;
use MfaSidecar\Tests\Support\Service;
use PHPUnit\Framework\TestCase;

/** The code of "Integrate your own login in 40 lines", as it stands there, before the real service. */
final class ReadmeTest extends TestCase
{
    private const BRIDGE = __DIR__ . '/../..';

    private static Service $service;
    private static Process $host;
    private static string $directory;
    private static string $url;
    private Browser $browser;

    public static function setUpBeforeClass(): void
    {
        self::$service = new Service();
        self::$directory = Process::temporaryDirectory();
        [$page, $session] = self::code();
        file_put_contents(self::$directory . '/mfa.php', $page);
        file_put_contents(self::$directory . '/site.php', self::site($session));
        file_put_contents(self::$directory . '/login.php', self::LOGIN);
        file_put_contents(self::$directory . '/index.php', self::HOME);
        symlink(realpath(self::BRIDGE), self::$directory . '/php-bridge');

        $address = '127.0.0.1:' . Process::freePort();
        self::$url = "http://$address";
        $settings = ['MFA_SIDECAR_URL' => self::$service->url, 'MFA_SIDECAR_BRIDGE_KEY' => self::$service->bridgeKey];
        $command = [PHP_BINARY, '-S', $address, '-t', self::$directory];
        self::$host = new Process($command, $settings, self::$directory . '/log');
        self::$host->waitUntil(static fn (): bool => (new Browser(self::$url))->get('/')->page() === 'login');
    }

    public static function tearDownAfterClass(): void
    {
        self::$host->stop();
        self::$service->stop();
        unlink(self::$directory . '/php-bridge');
        Process::removeDirectory(self::$directory);
    }

    protected function setUp(): void
    {
        $this->browser = new Browser(self::$url);
        $policy = ['trusted_device_days' => 7] + PolicyChoice::TotpRequired->toChange();
        self::$service->admin()->changePolicy($policy, null);
        self::$service->bridge()->putUser(new \MfaSidecar\Api\User('7', 'alice'));
        self::$service->admin()->removeAuthenticators('7');
    }

    public function testThePageIsNoLongerThanItSays(): void
    {
        $lines = array_filter(explode("\n", self::code()[0]), static fn (string $line): bool => trim($line) !== '');
        self::assertLessThanOrEqual(40, count($lines));
    }

    public function testAUserSetsUpSignsInTrustsTheBrowserAndRecovers(): void
    {
        $phone = new Phone($this->signIn()->attribute('data-secret'));
        $this->browser->post('/mfa.php', ['do' => 'confirm', 'code' => $phone->wrongCode()]);
        self::assertSame([422, true], [$this->browser->status, $this->browser->has('error')]);
        $this->browser->post('/mfa.php', ['do' => 'confirm', 'code' => $phone->code()])->follow();
        self::assertSame('home', $this->browser->page());
        self::assertStringContainsString('user 7', $this->browser->body);
        preg_match_all('/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/', $this->browser->body, $codes);
        self::assertCount(10, $codes[0]);

        $other = new Browser(self::$url);
        $this->browser = $other;
        $this->signIn();
        self::assertTrue($other->has('code'));
        $other->post('/mfa.php', ['do' => 'answer', 'code' => $phone->code(30), 'trust' => '1'])->follow();
        self::assertSame('home', $other->page());
        $other->get('/?leave')->follow();
        self::assertSame('home', $this->signIn()->page(), 'the browser is trusted now');

        $this->browser = new Browser(self::$url);
        $this->signIn();
        $this->browser->get('/mfa.php?recovery');
        $answer = ['do' => 'answer', 'method' => 'recovery_code', 'code' => $codes[0][0]];
        $this->browser->post('/mfa.php?recovery', $answer);
        self::assertSame('home', $this->browser->follow()->page());
    }

    public function testNobodyGetsInByTheWrongFormGivenUpOrWithoutTheService(): void
    {
        $phone = new Phone($this->signIn()->attribute('data-secret'));
        $this->browser->post('/mfa.php', ['csrf' => 'x', 'do' => 'confirm', 'code' => $phone->code()]);
        self::assertSame(403, $this->browser->status);
        self::assertSame('login', $this->browser->get('/')->page());
        $this->browser->get('/mfa.php');
        self::assertSame('/login.php', $this->browser->post('/mfa.php?cancel')->headers['location']);
        self::assertSame('login', $this->browser->get('/')->page());
        self::assertFalse($this->browser->get('/mfa.php')->has('code'));
    }

    private function signIn(): Browser
    {
        return $this->browser->post('/login.php', ['name' => 'alice', 'password' => 'alice-pass'])->follow();
    }

    /** @return list<string> the page, and the function that opens the session */
    private static function code(): array
    {
        $section = explode("\n## ", (string) file_get_contents(self::BRIDGE . '/README.md'));
        $own = array_values(preg_grep('/\AIntegrate your own login in 40 lines\n/', $section))[0];
        preg_match_all('/```php\n(.*?)```/s', $own, $blocks);
        return $blocks[1];
    }

    private static function site(string $openSession): string
    {
        return <<<PHP
            <?php
            use MfaSidecar\\Page\\Csrf;
            session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'use_strict_mode' => true]);
            function page(string \$html): void { echo '<!doctype html><title>Site</title>', \$html; }
            function redirect(string \$path): never { header("Location: \$path", true, 303); exit; }
            $openSession
            PHP;
    }

    private const LOGIN = <<<'PHP'
        <?php
        $hash = hash('sha256', 'alice-pass');
        if (($_POST['name'] ?? '') === 'alice' && hash_equals($hash, hash('sha256', $_POST['password'] ?? ''))) {
            $account = (object) ['id' => 7, 'name' => 'alice', 'email' => null, 'passwordHash' => $hash];
            require __DIR__ . '/mfa.php';
        }
        PHP;

    private const HOME = <<<'PHP'
        <?php
        session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax', 'use_strict_mode' => true]);
        if (isset($_GET['leave'])) {
            session_destroy();
            header('Location: /', true, 303);
        } elseif (isset($_SESSION['user'])) {
            echo '<p data-page="home">user ', $_SESSION['user'], ' ', implode(' ', $_SESSION['recovery_codes']), '</p>';
        } else {
            echo '<p data-page="login"></p>';
        }
        PHP;
}
