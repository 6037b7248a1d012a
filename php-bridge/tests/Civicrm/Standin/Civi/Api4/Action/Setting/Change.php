<?php

declare(strict_types=1);

namespace Civi\Api4\Action\Setting;

use Civi\Api4\Generic\AbstractAction;
use Civi\Api4\Generic\Result;
use MfaSidecar\Tests\Civicrm\Standin\World;

/** `get`, `set` and `revert` in one. */
class Change extends AbstractAction
{
    protected $values = [];
    protected $select = [];
    protected $domainId = null;

    public function addSelect(string ...$names): static
    {
        array_push($this->select, ...$names);
        return $this;
    }

    public function _run(Result $result)
    {
        foreach ($this->values as $name => $value) {
            \Civi::settings()->set($name, $value);
        }
        foreach ($this->select as $name) {
            if ($this->getActionName() === 'revert') {
                \Civi::settings()->revert($name);
            }
            $result[] = ['name' => $name, 'value' => \Civi::settings()->get($name), 'domain_id' => 1];
            // The settings of other domains of the same installation.
            foreach ($this->domainId === 'all' ? World::state()['domains'] ?? [] : [] as $id => $settings) {
                $result[] = ['name' => $name, 'value' => $settings[$name] ?? '', 'domain_id' => $id];
            }
        }
    }
}
