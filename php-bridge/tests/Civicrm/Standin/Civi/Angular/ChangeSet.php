<?php

declare(strict_types=1);

namespace Civi\Angular;

class ChangeSet
{
    /** @var array<string, \Closure> */
    public array $changes = [];

    public static function create(string $name): self
    {
        return new self();
    }

    public function alterHtml(string $file, \Closure $change): self
    {
        $this->changes[$file] = $change;
        return $this;
    }
}
