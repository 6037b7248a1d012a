<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use PHPUnit\Framework\TestCase;

/** The extension's own sentences; those of the forms are in the library's catalogues. */
final class TranslationTest extends TestCase
{
    private const EXTENSION = __DIR__ . '/../../civicrm';

    public function testEverySentenceIsTranslatedWithTheSamePlaceholders(): void
    {
        $asked = $this->asked();
        self::assertGreaterThan(50, count($asked));
        foreach (glob(self::EXTENSION . '/l10n/*/LC_MESSAGES/mfasidecar.po') as $file) {
            $translated = $this->catalogue($file);
            self::assertSame([], array_values(array_diff($asked, array_keys($translated))), "$file lacks these");
            $unused = array_values(array_diff(array_keys($translated), $asked));
            self::assertSame([], $unused, "$file has these for nothing");
            foreach ($translated as $sentence => $translation) {
                self::assertSame($this->placeholders($sentence), $this->placeholders($translation), $translation);
            }
        }
    }

    /** @return list<string> what the code and the templates ask CiviCRM to translate */
    private function asked(): array
    {
        $asked = [];
        $files = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::EXTENSION));
        foreach ($files as $file) {
            $text = (string) @file_get_contents($file->getPathname());
            if ($file->getExtension() === 'tpl') {
                preg_match_all('~\{ts[^}]*\}(.*?)\{/ts\}~s', $text, $found);
                array_push($asked, ...$found[1]);
            } elseif ($file->getExtension() === 'php') {
                // ts('…' . '…') and $ts('…'): one text, however it is broken into lines.
                preg_match_all('~\bts\(\s*((?:\'(?:[^\'\\\\]|\\\\.)*\'\s*\.?\s*)+)~', $text, $found);
                foreach ($found[1] as $literals) {
                    preg_match_all('~\'((?:[^\'\\\\]|\\\\.)*)\'~', $literals, $parts);
                    $asked[] = strtr(implode('', $parts[1]), ["\\'" => "'"]);
                }
            }
        }
        return array_values(array_unique($asked));
    }

    /** @return array<string, string> */
    private function catalogue(string $file): array
    {
        $entries = [];
        $text = (string) file_get_contents($file);
        preg_match_all('~^msgid (".*?")\nmsgstr (".*?")\n(?:\n|\z)~ms', $text, $found, PREG_SET_ORDER);
        foreach ($found as [, $sentence, $translation]) {
            $entries[$this->unquote($sentence)] = $this->unquote($translation);
        }
        unset($entries['']);
        return $entries;
    }

    private function unquote(string $quoted): string
    {
        preg_match_all('~"((?:[^"\\\\]|\\\\.)*)"~', $quoted, $lines);
        return stripcslashes(implode('', $lines[1]));
    }

    /** @return list<string> */
    private function placeholders(string $sentence): array
    {
        preg_match_all('~%\d~', $sentence, $found);
        sort($found[0]);
        return $found[0];
    }
}
