<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/** A sentence for a person, by its key in the catalogues. */
final class Message
{
    /**
     * @param array<string, string|int> $values for the placeholders; `count` picks singular or plural,
     *     `seconds` gives `{duration}`
     */
    public function __construct(
        public readonly string $key,
        public readonly array $values = [],
    ) {
    }
}
