<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/**
 * Every sentence that a person reads, in one language.
 *
 * A catalogue is a PHP file that returns keys and sentences with `{placeholders}`. A host adds its own directory, whose
 * sentences join the library's and win over them.
 */
final class Messages
{
    public const FALLBACK = 'en';

    /** @param array<string, string> $catalogue */
    private function __construct(
        public readonly string $language,
        private readonly array $catalogue,
        private readonly ?\Closure $translate = null,
    ) {
    }

    /**
     * @param string $language one of languages()
     * @param string ...$directories of the host, with a `<language>.php` where it has its own sentences
     */
    public static function in(string $language, string ...$directories): self
    {
        $catalogue = require dirname(__DIR__) . "/messages/$language.php";
        foreach ($directories as $directory) {
            $own = "$directory/$language.php";
            $catalogue = [...$catalogue, ...(is_file($own) ? require $own : [])];
        }
        return new self($language, $catalogue);
    }

    /**
     * For a host that translates by itself: its translation is asked with each sentence, placeholders as they are.
     *
     * @param \Closure(string): string $translate
     */
    public function translatedBy(\Closure $translate): self
    {
        return new self($this->language, $this->catalogue, $translate);
    }

    /** @return list<string> the languages of the library's own catalogues */
    public static function languages(): array
    {
        return array_map(
            static fn (string $file): string => basename($file, '.php'),
            glob(dirname(__DIR__) . '/messages/*.php'),
        );
    }

    /** The reader's first language among ours, by RFC 9110 `Accept-Language`; weights are taken as sorted. */
    public static function negotiate(string $acceptLanguage): string
    {
        foreach (explode(',', $acceptLanguage) as $range) {
            $language = strtolower(strtok(trim($range), '-;') ?: '');
            if (in_array($language, self::languages(), true)) {
                return $language;
            }
        }
        return self::FALLBACK;
    }

    /** @return string|null the country of the reader's first language that names one, as a guess that can be changed */
    public static function guessCountry(string $acceptLanguage): ?string
    {
        return preg_match('/(?:\A|[,\s])[A-Za-z]{2,3}-([A-Za-z]{2})\b/', $acceptLanguage, $match) === 1
            ? strtoupper($match[1])
            : null;
    }

    /** @param array<string, string|int> $values */
    public function text(string $key, array $values = []): string
    {
        if (isset($values['count'])) {
            $key .= $values['count'] === 1 ? '.one' : '.other';
        }
        if (isset($values['seconds'])) {
            $values['duration'] = $this->duration($values['seconds']);
        }
        $replacements = [];
        foreach ($values as $name => $value) {
            $replacements['{' . $name . '}'] = (string) $value;
        }
        $sentence = $this->catalogue[$key] ?? throw new \OutOfRangeException("no message \"$key\"");
        return strtr($this->translate === null ? $sentence : ($this->translate)($sentence), $replacements);
    }

    /** A day, as the readers of this language write it; in the host's time zone. */
    public function date(\DateTimeInterface $time): string
    {
        $local = \DateTimeImmutable::createFromInterface($time)->setTimezone(
            new \DateTimeZone(date_default_timezone_get()),
        );
        if (!class_exists(\IntlDateFormatter::class)) {
            return $local->format('Y-m-d');
        }
        $format = [\IntlDateFormatter::LONG, \IntlDateFormatter::NONE];
        return \IntlDateFormatter::formatObject($local, $format, $this->language) ?: $local->format('Y-m-d');
    }

    /** @param string $code ISO 3166-1 alpha-2; its own name where PHP's `intl` is missing or does not know it */
    public function country(string $code): string
    {
        return (class_exists(\Locale::class) ? \Locale::getDisplayRegion("-$code", $this->language) : '') ?: $code;
    }

    public function of(Message $message): string
    {
        return $this->text($message->key, $message->values);
    }

    /** @return list<string> */
    public function keys(): array
    {
        return array_keys($this->catalogue);
    }

    /** Rounded up: whoever waits as told may really try again. */
    private function duration(int $seconds): string
    {
        return $seconds < 90
            ? $this->text('duration.seconds', ['count' => $seconds])
            : $this->text('duration.minutes', ['count' => (int) ceil($seconds / 60)]);
    }
}
