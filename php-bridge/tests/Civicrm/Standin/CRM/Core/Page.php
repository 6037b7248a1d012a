<?php

declare(strict_types=1);

/** A page by its template. */
class CRM_Core_Page
{
    public function assign(string $name, mixed $value = null): void
    {
        CRM_Core_Smarty::singleton()->assign($name, $value);
    }

    public function getTemplateFileName()
    {
        return strtr(static::class, '_', '/') . '.tpl';
    }

    public function run()
    {
        $content = CRM_Core_Smarty::singleton()->fetch($this->getTemplateFileName());
        $name = strtolower(substr(strrchr(static::class, '_'), 1));
        $title = CRM_Utils_System::$title;
        // The least that every theme does.
        $style = '<style>.btn, summary { padding: .5rem; margin: .5rem }'
            . '.sr-only { position: absolute; top: -9rem }</style>';
        $tags = [
            // Core's own script, which makes calls of the API, is on every page.
            '<script src="/_core/api4.js"></script>',
            ...\Civi\Core\Resources::$tags,
            '<meta name="viewport" content="width=device-width">',
        ];
        echo "<!doctype html><html lang=\"en\"><title>$title</title>$style", implode('', $tags),
            "<main class=\"crm-container\" data-page=\"$name\">$content</main></html>";
    }
}
