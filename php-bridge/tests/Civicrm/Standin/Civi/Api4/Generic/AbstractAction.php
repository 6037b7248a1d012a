<?php

declare(strict_types=1);

namespace Civi\Api4\Generic;

use Civi\API\Event\PrepareEvent;
use Civi\API\Event\RespondEvent;
use Civi\API\Exception\UnauthorizedException;

/** A call with its parameters, each with a getter and a setter. */
abstract class AbstractAction
{
    protected bool $checkPermissions = true;

    public function __construct(private string $entityName, private string $actionName)
    {
    }

    public function setCheckPermissions(bool $check): static
    {
        $this->checkPermissions = $check;
        return $this;
    }

    /** @param list<mixed> $arguments */
    public function __call(string $method, array $arguments): mixed
    {
        $name = lcfirst(substr($method, 3));
        if (!property_exists($this, $name)) {
            throw new \CRM_Core_Exception("Unknown api parameter: $name");
        }
        if (str_starts_with($method, 'get')) {
            return $this->$name;
        }
        $this->$name = $arguments[0];
        return $this;
    }

    public function execute(): Result
    {
        $entity = "Civi\\Api4\\$this->entityName";
        $permissions = $entity::permissions();
        foreach ($permissions[$this->actionName] ?? $permissions['default'] as $permission) {
            if ($this->checkPermissions && !\CRM_Core_Permission::check($permission)) {
                throw new UnauthorizedException('Authorization failed');
            }
        }
        \Civi::dispatcher()->dispatch('civi.api.prepare', new PrepareEvent($this));
        $result = new Result();
        $this->_run($result);
        $event = new RespondEvent($this, $result);
        \Civi::dispatcher()->dispatch('civi.api.respond', $event);
        return $event->getResponse();
    }

    abstract public function _run(Result $result);
}
