<?php

declare(strict_types=1);

namespace Civi\Core;

use MfaSidecar\Tests\Civicrm\Standin\World;

/** Settings of the site, with core's defaults. */
class SettingsBag
{
    private const DEFAULTS = ['standalone_mfa_enabled' => '', 'standalone_mfa_remember' => ''];

    public function get(string $name): mixed
    {
        return World::state()['settings'][$name] ?? self::DEFAULTS[$name] ?? null;
    }

    public function revert(string $name): self
    {
        return $this->set($name, null);
    }

    public function set(string $name, mixed $value): self
    {
        World::change(static function (array $state) use ($name, $value): array {
            $state['settings'][$name] = $value;
            return $state;
        });
        return $this;
    }
}
