<?php

declare(strict_types=1);

namespace Civi\Api4\Generic;

class Result extends \ArrayObject
{
    public function first(): ?array
    {
        return array_values($this->getArrayCopy())[0] ?? null;
    }
}
