<?php

declare(strict_types=1);

use MfaSidecar\Tests\Civicrm\Standin\World;

require_once 'smarty4/Smarty.class.php';

/** The real template engine, with core's tags as far as the extension uses them. */
class CRM_Core_Smarty extends Smarty
{
    private static ?self $it = null;

    public static function singleton(): self
    {
        return self::$it ??= new self();
    }

    public function __construct()
    {
        parent::__construct();
        $this->setTemplateDir([World::templates(), dirname(__DIR__, 2) . '/templates']);
        $this->setCompileDir(getenv('STANDIN_DIR') . '/templates_c');
        // A value that no page assigns is a mistake.
        $this->error_reporting = E_ALL;
        $this->registerPlugin('block', 'ts', static function (array $params, ?string $text): string {
            return $text === null ? '' : ts($text, $params);
        });
        $this->registerPlugin('block', 'crmScope', static fn (array $params, ?string $text): string => (string) $text);
        $this->registerPlugin('function', 'crmURL', static fn (array $params): string => "/$params[p]");
    }
}
