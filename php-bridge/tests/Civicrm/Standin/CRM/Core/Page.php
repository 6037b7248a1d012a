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
        echo '<main data-page="', strtolower(substr(strrchr(static::class, '_'), 1)), "\">$content</main>";
    }
}
