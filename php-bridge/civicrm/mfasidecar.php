<?php

declare(strict_types=1);

use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\CoreSetting;
use Civi\Mfasidecar\Forgetting;
use Civi\Mfasidecar\Health;
use Civi\Mfasidecar\Links;

// The zip brings the library with it; in a checkout it is next door.
require_once is_dir(__DIR__ . '/bridge') ? __DIR__ . '/bridge/autoload.php' : dirname(__DIR__) . '/autoload.php';

/**
 * Implements hook_civicrm_navigationMenu().
 *
 * @param array<int, array<string, mixed>> $menu
 */
function mfasidecar_civicrm_navigationMenu(array &$menu): void
{
    $item = ['attributes' => [
        'label' => ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']),
        'name' => 'mfasidecar',
        'url' => 'civicrm/admin/mfa?reset=1',
        'permission' => 'cms:administer users',
        'operator' => null,
        'separator' => 0,
        'active' => 1,
    ]];
    foreach ($menu as &$top) {
        foreach ($top['child'] ?? [] as $index => $child) {
            if (($child['attributes']['name'] ?? null) === 'Users and Permissions') {
                $top['child'][$index]['child'][] = $item;
                return;
            }
        }
    }
}

/**
 * Implements hook_civicrm_alterAngular(): ways to our pages from core's pages about users.
 *
 * @param \Civi\Angular\Manager $angular
 */
function mfasidecar_civicrm_alterAngular($angular): void
{
    $angular->add(Links::changes());
}

/**
 * Implements hook_civicrm_alterSettingsMetaData().
 *
 * @param array<string, array<string, mixed>> $settings
 */
function mfasidecar_civicrm_alterSettingsMetaData(array &$settings): void
{
    if (isset($settings['standalone_mfa_enabled'])) {
        $settings['standalone_mfa_enabled']['validate_callback'] = CoreSetting::class . '::validate';
    }
}

/**
 * Implements hook_civicrm_check().
 *
 * @param array<CRM_Utils_Check_Message> $messages
 */
function mfasidecar_civicrm_check(array &$messages): void
{
    Forgetting::catchUp();
    array_push($messages, ...Health::messages());
}

/** Implements hook_civicrm_cron(). */
function mfasidecar_civicrm_cron(): void
{
    Forgetting::catchUp();
}

/**
 * Implements hook_civicrm_post(): a user who is deleted is forgotten at the service, too.
 *
 * Core has two entities on the table of users, with the same ids.
 */
function mfasidecar_civicrm_post(string $action, string $entity, mixed $id): void
{
    if ($action === 'delete' && in_array($entity, ['User', 'UFMatch'], true)) {
        Forgetting::afterCommit((int) $id);
    }
}

/** Implements hook_civicrm_uninstall(): no key stays behind. */
function mfasidecar_civicrm_uninstall(): void
{
    Connection::forget();
}

/**
 * Implements hook_civicrm_disable().
 *
 * @throws CRM_Core_Exception core takes a method that is not there for none, and would let everybody in by the password
 */
function mfasidecar_civicrm_disable(): void
{
    if (CoreSetting::isOursInAnyDomain()) {
        throw new CRM_Core_Exception(ts(
            'Logins still ask for a second step. Choose "Disabled" under Administer » Users and Permissions » '
                . 'Multi-Factor Authentication first.',
            ['domain' => 'mfasidecar'],
        ));
    }
}
