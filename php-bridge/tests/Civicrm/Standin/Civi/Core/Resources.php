<?php

declare(strict_types=1);

namespace Civi\Core;

/** Styles and scripts of a page: what an extension adds has to be a file in it. */
class Resources
{
    public function addStyleFile(string $extension, string $file): self
    {
        return $this->check($file);
    }

    /** @param array<string, string> $options */
    public function addScriptFile(string $extension, string $file, array $options = []): self
    {
        return $this->check($file);
    }

    private function check(string $file): self
    {
        $bridge = dirname(__DIR__, 5);
        // The zip has the library in `bridge`.
        $path = str_starts_with($file, 'bridge/') ? $bridge . substr($file, strlen('bridge')) : "$bridge/civicrm/$file";
        is_file($path) || throw new \LogicException("There is no file $path.");
        return $this;
    }
}
