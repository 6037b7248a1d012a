<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit\WordPress;

use MfaSidecar\WordPress\Log;
use MfaSidecar\WordPress\Login\SignInMessage;
use MfaSidecar\WordPress\Settings;
use MfaSidecar\WordPress\SiteUser;

final class SiteTest extends WordPressTestCase
{
    public function testTheServiceIsToldTheNumberTheRolesAndAVersionOfThePassword(): void
    {
        $user = SiteUser::of(new \WP_User(7, 'anna', 'hash', ['editor', 'shop_manager'], 'anna@example.org'));
        self::assertSame(['7', 'anna', ['editor', 'shop_manager']], [$user->id, $user->name, $user->roles]);
        self::assertSame('de-DE', $user->toRequest()['locale']);
        $other = SiteUser::credentialVersion(new \WP_User(7, 'anna', 'another hash'));
        self::assertNotSame($user->credentialVersion, $other);
        self::assertStringNotContainsString('hash', $other);
    }

    public function testOnANetworkTheRolesOfEverySiteCount(): void
    {
        $GLOBALS['standIn'] = ['isNetwork' => true, 'superAdmins' => [8], 'meta' => [7 => [
            'wp_capabilities' => [serialize(['subscriber' => true])],
            'wp_2_capabilities' => [serialize(['administrator' => true, 'editor' => false])],
            'wp_3_capabilities' => ['broken'],
            'other_4_capabilities' => [serialize(['editor' => true])],
            'xwp_5_capabilities' => [serialize(['author' => true])],
        ]]];
        $roles = SiteUser::of(new \WP_User(7, 'anna', 'hash', []))->roles;
        self::assertEqualsCanonicalizing(['subscriber', 'administrator'], $roles);
        self::assertSame(['super_admin'], SiteUser::of(new \WP_User(8, 'ben', 'hash', []))->roles);
    }

    public function testItStandsInNobodysWayBeforeItIsSetUpAndInEverybodysAfter(): void
    {
        $settings = new Settings();
        self::assertFalse($settings->isSetUp());
        $GLOBALS['standIn']['options'] = [Settings::ADMIN_KEY => 'key'];
        self::assertFalse($settings->isSetUp(), 'the admin key takes no part in a login');
        foreach ([Settings::URL, Settings::BRIDGE_KEY] as $name) {
            $GLOBALS['standIn']['options'] = [$name => 'something'];
            self::assertTrue($settings->isSetUp());
        }
        $GLOBALS['standIn']['options'] = [Settings::URL => ['array']];
        self::assertTrue($settings->isSetUp(), 'what it cannot read is no reason to let people in');
    }

    public function testNoValueIsStoredAsAStringThatTheListOfAllOptionsShows(): void
    {
        $settings = new Settings();
        $settings->save(Settings::URL, 'http://127.0.0.1:8787');
        $settings->save(Settings::BRIDGE_KEY, 'the key');
        $settings->save(Settings::ADMIN_KEY, '');
        self::assertSame([Settings::URL, Settings::BRIDGE_KEY], array_keys($GLOBALS['standIn']['options']));
        array_map(self::assertIsArray(...), $GLOBALS['standIn']['options']);
        self::assertSame('http://127.0.0.1:8787', $settings->url());
        self::assertSame(['the key', ''], [$settings->bridgeKey(), $settings->adminKey()]);
        $settings->save(Settings::APPLICATION_PASSWORDS, 'refused');
        self::assertFalse($settings->allowsApplicationPasswords());
        $settings->save(Settings::APPLICATION_PASSWORDS, 'allowed');
        self::assertTrue($settings->allowsApplicationPasswords());
        $GLOBALS['standIn']['options'] = [Settings::URL => 'unix:/run/x.sock'];
        self::assertSame('unix:/run/x.sock', $settings->url());
        $settings->save(Settings::URL, '');
        self::assertFalse($settings->isSetUp(), 'saved empty is as if never set');
    }

    public function testApplicationPasswordsAreAllowedByThatWordOrNone(): void
    {
        self::assertTrue((new Settings())->allowsApplicationPasswords());
        foreach (['allowed', 'refused', 'Refused', 'no', '', false, true, 0, ['allowed']] as $value) {
            $GLOBALS['standIn']['options'] = [Settings::APPLICATION_PASSWORDS => $value];
            self::assertSame($value === 'allowed', (new Settings())->allowsApplicationPasswords(), json_encode($value));
        }
    }

    /**
     * @dataProvider constants
     * @runInSeparateProcess
     * @preserveGlobalState disabled
     */
    public function testSoItIsWithTheConstant(mixed $value): void
    {
        $GLOBALS['standIn']['options'] = [Settings::APPLICATION_PASSWORDS => 'allowed'];
        define('MFA_SIDECAR_APPLICATION_PASSWORDS', $value);
        self::assertSame($value === 'allowed', (new Settings())->allowsApplicationPasswords());
    }

    public function constants(): array
    {
        return [['allowed'], ['refused'], ['Refused'], [false], [true], [null], ['']];
    }

    /** @dataProvider unreadable */
    public function testOptionsThatCannotBeReadAreNotTakenForNone(array $state): void
    {
        $GLOBALS['standIn'] = $state;
        self::assertTrue((new Settings())->isSetUp());
    }

    /** @dataProvider unreadable */
    public function testApplicationPasswordsAreRefusedWhereTheSettingCannotBeRead(array $state): void
    {
        $rows = isset($state['rows']) ? ['rows' => [Settings::APPLICATION_PASSWORDS]] : [];
        $GLOBALS['standIn'] = $rows + $state;
        self::assertFalse((new Settings())->allowsApplicationPasswords());
        $GLOBALS['standIn'] = [];
        self::assertTrue((new Settings())->allowsApplicationPasswords(), 'nothing is set, and the database says so');
    }

    public function unreadable(): array
    {
        return [
            'a row that WordPress did not find' => [['rows' => ['mfa_sidecar_bridge_key']]],
            'on a network' => [['rows' => ['mfa_sidecar_url'], 'isNetwork' => true]],
            'an error of the database' => [['databaseError' => 'server has gone away']],
            'no database' => [['isDatabaseGone' => true]],
        ];
    }

    public function testTheDatabaseIsAskedOnlyWhereNothingIsSet(): void
    {
        $settings = new Settings();
        $GLOBALS['standIn']['options'] = [Settings::URL => 'http://127.0.0.1:8787'];
        $settings->isSetUp();
        self::assertArrayNotHasKey('queries', $GLOBALS['standIn']);
        $GLOBALS['standIn'] = [];
        self::assertFalse($settings->isSetUp());
        self::assertStringContainsString('FROM wp_options', $GLOBALS['standIn']['queries'][0]);
        $GLOBALS['standIn'] = ['isNetwork' => true];
        self::assertFalse($settings->isSetUp());
        self::assertStringContainsString('FROM wp_sitemeta WHERE site_id = 1', $GLOBALS['standIn']['queries'][0]);
    }

    public function testNoSentenceButThePluginsOwnCanBeShownByAnAddress(): void
    {
        foreach ([null, '', '<script>', 'admin.saved', 'error.throttled', ['error.unavailable']] as $key) {
            $_GET[SignInMessage::PARAMETER] = $key;
            self::assertNull(SignInMessage::requested());
        }
        $_GET[SignInMessage::PARAMETER] = 'error.unavailable';
        self::assertStringContainsString('nobody can sign in', SignInMessage::requested());
        self::assertArrayHasKey('mfa_sidecar', SignInMessage::add(new \WP_Error())->errors);
        self::assertSame('not an error', SignInMessage::add('not an error'));
    }

    public function testADecorationThatFailsLeavesThePageAsItWas(): void
    {
        $log = tempnam(sys_get_temp_dir(), 'mfa');
        $before = ini_set('error_log', $log);
        $hook = Log::quietly(static fn (string $html): string => throw new \LogicException('secret detail'));
        self::assertSame('<td>', $hook('<td>'));
        ini_set('error_log', (string) $before);
        $line = (string) file_get_contents($log);
        unlink($log);
        self::assertStringContainsString('LogicException in SiteTest.php', $line);
        self::assertStringNotContainsString('secret detail', $line);
    }
}
