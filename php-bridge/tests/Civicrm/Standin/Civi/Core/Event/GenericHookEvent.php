<?php

declare(strict_types=1);

namespace Civi\Core\Event;

/** An event whose values are members, references among them. */
class GenericHookEvent
{
    /** @var array<string, mixed> */
    private array $values = [];

    /** @param array<string, mixed> $values */
    public static function create(array $values): self
    {
        $event = new self();
        foreach (array_keys($values) as $name) {
            $event->values[$name] = &$values[$name];
        }
        return $event;
    }

    public function &__get(string $name): mixed
    {
        return $this->values[$name];
    }

    public function __isset(string $name): bool
    {
        return isset($this->values[$name]);
    }
}
