<?php

declare(strict_types=1);

namespace Civi\Core;

/** Styles and scripts of a page: what an extension adds has to be a file in it. */
class Resources
{
    /** @var list<string> tags of the page that is made */
    public static array $tags = [];

    public function addStyleFile(string $extension, string $file): self
    {
        return $this->add($file, '<link rel="stylesheet" href="/_ext/%s">');
    }

    /** @param array<string, string> $options */
    public function addScriptFile(string $extension, string $file, array $options = []): self
    {
        return $this->add($file, '<script src="/_ext/%s" defer></script>');
    }

    public static function path(string $file): string
    {
        $bridge = dirname(__DIR__, 5);
        // The zip has the library in `bridge`.
        return str_starts_with($file, 'bridge/') ? $bridge . substr($file, strlen('bridge')) : "$bridge/civicrm/$file";
    }

    private function add(string $file, string $tag): self
    {
        is_file(self::path($file)) || throw new \LogicException("There is no file $file.");
        self::$tags[] = sprintf($tag, $file);
        return $this;
    }
}
