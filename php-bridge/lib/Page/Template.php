<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/**
 * Renders plain PHP templates.
 *
 * A template sees its values and three functions: `$e` escapes any text, `$t` gives an escaped sentence of the
 * catalogue, `$date` writes a day, for a sentence's placeholder.
 */
final class Template
{
    public function __construct(
        private readonly string $directory,
        private readonly Messages $messages,
    ) {
    }

    /** @param array<string, mixed> $values */
    public function render(string $name, #[\SensitiveParameter] array $values): string
    {
        $e = static fn (string|int $text): string
            => htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
        $t = fn (string|Message $message, array $with = []): string
            => $e($message instanceof Message ? $this->messages->of($message) : $this->messages->text($message, $with));
        $date = $this->messages->date(...);

        $file = "$this->directory/$name.php";
        ob_start();
        try {
            (static function () use ($file, $values, $e, $t, $date): void {
                extract($values, EXTR_SKIP);
                require $file;
            })();
            return ob_get_contents();
        } finally {
            ob_end_clean();
        }
    }
}
