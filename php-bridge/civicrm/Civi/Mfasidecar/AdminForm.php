<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\AdministrationStep;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\Page\Message;

/**
 * What the administration page's buttons do.
 *
 * # Design
 *
 * One Save changes three things: the connection, the service's rules, and core's own setting. They change in the order
 * in which a failure in between locks nobody out and lets nobody in: the new connection is tried before it is stored,
 * the rules before core asks for them, and core asks only when the key for logins was accepted a moment ago.
 *
 * A key is sent only to the address that it was stored for, else "Test connection" would carry keys that nobody may see
 * to an address of one's choice.
 */
final class AdminForm
{
    /** @param array<mixed> $fields of the POST */
    public function __construct(#[\SensitiveParameter] private readonly array $fields)
    {
    }

    /**
     * Tries the connection as it is typed, stored values where nothing is.
     *
     * @return list<array{ok: bool, text: string}>
     */
    public function test(): array
    {
        if ($this->sendsKeysElsewhere()) {
            return [['ok' => false, 'text' => Sentences::of(new Message('connection.other_address'))]];
        }
        return array_map(
            static fn (ConnectionTest $test): array
                => ['ok' => $test->isGood, 'text' => Sentences::of($test->message)],
            ConnectionTest::ofBoth(
                $this->typed(Connection::URL),
                $this->typed(Connection::BRIDGE_KEY),
                $this->typed(Connection::ADMIN_KEY),
                Sentences::log(...),
            ),
        );
    }

    /** @return string|null what went wrong; null: everything is saved */
    public function save(): ?string
    {
        $showsRules = $this->text('etag') !== '';
        // Who switches it off may do so because the key for logins is the trouble.
        $isOff = $showsRules && $this->text('policy') === PolicyChoice::Disabled->value;
        $tests = $isOff && !$this->sendsKeysElsewhere() ? [] : $this->test();
        $failures = array_column(array_filter($tests, static fn (array $test): bool => !$test['ok']), 'text');
        if ($failures !== []) {
            // An address that is wrong is wrong for both keys.
            return implode(' ', [ts('Nothing was saved.', ['domain' => 'mfasidecar']), ...array_unique($failures)]);
        }
        $step = $showsRules ? $this->rules() : null;
        if ($step?->isDone === false) {
            return Sentences::of($step->message);
        }
        $this->saveConnection();
        if ($step !== null) {
            $step->policy->mode === PolicyMode::Disabled ? CoreSetting::disable() : CoreSetting::enable();
        }
        return null;
    }

    private function rules(): AdministrationStep
    {
        $administration = new Administration(fn () => Connection::asSignedIn(Connection::client(
            $this->typed(Connection::URL),
            $this->typed(Connection::ADMIN_KEY),
        )), Sentences::log(...));
        return $administration->saveRules($this->fields, array_keys(Accounts::roles()), $this->text('etag'));
    }

    private function sendsKeysElsewhere(): bool
    {
        if ($this->typed(Connection::URL) === Connection::url()) {
            return false;
        }
        foreach ([Connection::BRIDGE_KEY, Connection::ADMIN_KEY] as $setting) {
            $isStored = $this->text($setting) === '' || Connection::isFixed($setting);
            if ($isStored && Connection::key($setting) !== '') {
                return true;
            }
        }
        return false;
    }

    /** An empty key keeps the one that is stored. */
    private function saveConnection(): void
    {
        foreach ([Connection::URL, Connection::BRIDGE_KEY, Connection::ADMIN_KEY] as $setting) {
            if ($this->text($setting) !== '' && !Connection::isFixed($setting)) {
                Connection::save($setting, $this->text($setting));
            }
        }
    }

    private function typed(string $setting): string
    {
        $text = Connection::isFixed($setting) ? '' : $this->text($setting);
        return $text !== '' ? $text : ($setting === Connection::URL ? Connection::url() : Connection::key($setting));
    }

    private function text(string $name): string
    {
        return is_string($this->fields[$name] ?? null) ? trim($this->fields[$name]) : '';
    }
}
