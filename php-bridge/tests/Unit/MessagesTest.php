<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Unit;

use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;
use PHPUnit\Framework\TestCase;

final class MessagesTest extends TestCase
{
    private const DEMO = __DIR__ . '/../../demo/messages';

    public function testEveryLanguageHasEverySentenceWithTheSamePlaceholders(): void
    {
        $english = Messages::in('en', self::DEMO);
        foreach (Messages::languages() as $language) {
            $other = Messages::in($language, self::DEMO);
            self::assertSame([], array_diff($english->keys(), $other->keys()), $language);
            self::assertSame([], array_diff($other->keys(), $english->keys()), $language);
            foreach ($english->keys() as $key) {
                self::assertSame(
                    self::placeholders($english->text($key)),
                    self::placeholders($other->text($key)),
                    "$language $key",
                );
            }
        }
    }

    public function testAHostTranslatesASentenceBeforeItsPlaceholdersAreFilled(): void
    {
        $asked = [];
        $messages = Messages::in('en')->translatedBy(static function (string $sentence) use (&$asked): string {
            $asked[] = $sentence;
            return 'Noch {count} Minuten';
        });
        self::assertSame('Noch 3 Minuten', $messages->text('duration.minutes', ['count' => 3]));
        self::assertSame(['{count} minutes'], $asked);
    }

    public function testEverySentenceThatTheCodeAsksForExists(): void
    {
        $keys = Messages::in('en', self::DEMO)->keys();
        $asked = [];
        $hosts = ['demo/src', 'demo/templates', 'wordpress/src', 'wordpress/src/*', 'wordpress/templates',
            'civicrm/Civi/*', 'civicrm/CRM/Mfasidecar/Page'];
        foreach (['lib/*', 'lib/templates', ...$hosts] as $directory) {
            foreach (glob(dirname(__DIR__, 2) . "/$directory/*.php") as $file) {
                // As an argument of $t(…), new Message(…), text(…), over(…), or a value for one of them.
                preg_match_all('/\'((?:[a-z-]+)\.[a-z0-9_.-]+)\'/', (string) file_get_contents($file), $matches);
                $asked = [...$asked, ...$matches[1]];
            }
        }
        $groups = array_unique(array_map(static fn (string $key): string => strtok($key, '.'), $keys));
        foreach (array_unique($asked) as $key) {
            if (!in_array(strtok($key, '.'), $groups, true) || str_ends_with($key, '.php')) {
                continue;
            }
            self::assertTrue(in_array($key, $keys, true) || in_array("$key.other", $keys, true), $key);
        }
    }

    public function testNumbersAndDurationsReadAsAPersonWouldSayThem(): void
    {
        $messages = Messages::in('en');
        self::assertStringContainsString('one more try', $messages->text('error.code_rejected_left', ['count' => 1]));
        self::assertStringContainsString('4 tries', $messages->text('error.code_rejected_left', ['count' => 4]));
        $wait = static fn (int $seconds): string
            => $messages->of(new Message('error.throttled', ['seconds' => $seconds]));
        self::assertStringContainsString('one second ', $wait(1));
        self::assertStringContainsString('30 seconds', $wait(30));
        self::assertStringContainsString('3 minutes', $wait(121));
    }

    public function testTheLanguageIsTheReadersFirstAmongOurs(): void
    {
        self::assertSame('de', Messages::negotiate('fr-FR, de-CH;q=0.8, en;q=0.5'));
        self::assertSame('en', Messages::negotiate('en-US,en;q=0.9,de;q=0.1'));
        self::assertSame('en', Messages::negotiate(''));
        self::assertSame('en', Messages::negotiate('../../etc/passwd'));
    }

    public function testDaysAndCountriesAreNamedInTheReadersLanguageAsFarAsPhpKnows(): void
    {
        $day = new \DateTimeImmutable('2030-12-01T12:00:00Z');
        if (class_exists(\IntlDateFormatter::class)) {
            self::assertSame('1. Dezember 2030', Messages::in('de')->date($day));
            self::assertSame('Austria', Messages::in('en')->country('AT'));
        } else {
            self::assertSame('2030-12-01', Messages::in('de')->date($day));
            self::assertSame('AT', Messages::in('en')->country('AT'));
        }
        self::assertSame('AT', Messages::guessCountry('de-AT,de;q=0.9,en-US;q=0.8'));
        self::assertSame('US', Messages::guessCountry('de, en-US;q=0.8'));
        self::assertNull(Messages::guessCountry('de'));
    }

    /** @return list<string> */
    private static function placeholders(string $sentence): array
    {
        preg_match_all('/\{\w+\}/', $sentence, $matches);
        $found = array_unique($matches[0]);
        sort($found);
        return $found;
    }
}
