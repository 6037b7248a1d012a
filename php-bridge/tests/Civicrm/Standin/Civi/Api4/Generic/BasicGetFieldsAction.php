<?php

declare(strict_types=1);

namespace Civi\Api4\Generic;

class BasicGetFieldsAction extends AbstractAction
{
    public function __construct(string $entityName, string $actionName, private \Closure $fields)
    {
        parent::__construct($entityName, $actionName);
    }

    public function _run(Result $result)
    {
        $result->exchangeArray(($this->fields)());
    }
}
