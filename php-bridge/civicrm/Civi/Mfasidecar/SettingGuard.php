<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Api4\Generic\AbstractAction;

/**
 * Which calls of the API about settings are refused.
 *
 * # Design
 *
 * CiviCRM lets everybody with `administer CiviCRM` change every setting by its API, and to change ours is to switch the
 * second step off, or to have the keys sent elsewhere. Core's settings about it are for those who may administer users;
 * the extension's own are for its page alone, which tries a connection before it stores it. Code that calls without a
 * check of permissions, as a command on the server does, is trusted here as everywhere.
 */
final class SettingGuard
{
    private const OURS = 'mfasidecar_';
    private const CORES = 'standalone_mfa_';

    /** @param AbstractAction|array<string, mixed> $request as API4 and APIv3 hand it around */
    public static function refuses(object|array $request): bool
    {
        $names = is_array($request) ? self::ofApi3($request) : self::ofApi4($request);
        if ($names === null || self::has($names, self::OURS)) {
            return true;
        }
        return self::has($names, self::CORES) && !\CRM_Core_Permission::check('cms:administer users');
    }

    /** @return list<string> settings that the call would change */
    private static function ofApi4(object $request): array
    {
        $isChecked = $request instanceof AbstractAction && $request->getCheckPermissions();
        if (!$isChecked || $request->getEntityName() !== 'Setting') {
            return [];
        }
        return match (strtolower($request->getActionName())) {
            'set' => array_map(strval(...), array_keys((array) $request->getValues())),
            'revert' => self::texts($request->getSelect()) ?? [],
            default => [],
        };
    }

    /**
     * @param array<string, mixed> $request
     * @return list<string>|null null: any setting
     */
    private static function ofApi3(array $request): ?array
    {
        $params = (array) ($request['params'] ?? []);
        $action = strtolower((string) ($request['action'] ?? ''));
        $isAboutSettings = strtolower((string) ($request['entity'] ?? '')) === 'setting';
        if (!$isAboutSettings || empty($params['check_permissions']) || str_starts_with($action, 'get')) {
            return [];
        }
        if (in_array($action, ['revert', 'fill'], true)) {
            // A filter by anything but the name can reach every setting.
            return self::texts($params['name'] ?? $params['filters']['name'] ?? null);
        }
        $field = is_string($params['field'] ?? null) ? $params['field'] : '';
        return [...array_map(strval(...), array_keys($params)), $field];
    }

    /** @return non-empty-list<string>|null null where it is anything but one or more texts */
    private static function texts(mixed $value): ?array
    {
        $texts = array_values((array) $value);
        foreach ($texts as $text) {
            // Core takes "0" for no name.
            if (!is_string($text) || empty($text)) {
                return null;
            }
        }
        return $texts === [] ? null : $texts;
    }

    /** @param list<string> $names */
    private static function has(array $names, string $prefix): bool
    {
        foreach ($names as $name) {
            if (str_starts_with(strtolower($name), $prefix)) {
                return true;
            }
        }
        return false;
    }
}
