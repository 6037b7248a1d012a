<?php

declare(strict_types=1);

use Civi\Mfasidecar\CoreSetting;
use Civi\Mfasidecar\Forgetting;
use Civi\Mfasidecar\Health;

// The zip brings the library with it; in a checkout it is next door.
require_once (is_dir(__DIR__ . '/bridge') ? __DIR__ . '/bridge' : dirname(__DIR__)) . '/autoload.php';

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
 * Implements hook_civicrm_searchKitTasks(): "Remove authenticator" for the users that are ticked in a list.
 *
 * @param array<string, array<string, mixed>> $tasks
 */
function mfasidecar_civicrm_searchKitTasks(array &$tasks, bool $checkPermissions, ?int $userId): void
{
    if ($checkPermissions && !CRM_Core_Permission::check('cms:administer users', $userId)) {
        return;
    }
    $ts = static fn (string $text): string => ts($text, ['domain' => 'mfasidecar']);
    $tasks['User']['mfasidecar_remove'] = [
        'title' => $ts('Remove authenticator'),
        'icon' => 'fa-mobile',
        'apiBatch' => [
            'entity' => 'MfaSidecarUser',
            'action' => 'removeAuthenticators',
            'params' => null,
            'confirmMsg' => $ts('Remove the authenticators of %1 user(s)? Apps, recovery codes and trusted browsers stop '
                . 'working at once. Make sure that it is really they who asked you: until a second step is set up again, '
                . 'the password alone protects the account.'),
            'runMsg' => $ts('Removing the authenticators of %1 user(s)...'),
            'successMsg' => $ts('The authenticators of %1 user(s) were removed.'),
            'errorMsg' => $ts('The authenticators could not be removed. The cause is in the log.'),
        ],
    ];
}

/**
 * Implements hook_civicrm_alterAngular(): ways to our pages from core's pages about users.
 *
 * @param \Civi\Angular\Manager $angular
 */
function mfasidecar_civicrm_alterAngular($angular): void
{
    $angular->add(\Civi\Mfasidecar\Links::changes());
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

/** Implements hook_civicrm_post(): a user who is deleted is forgotten at the service, too. */
function mfasidecar_civicrm_post(string $action, string $entity, mixed $id): void
{
    if ($action === 'delete' && $entity === 'User') {
        Forgetting::forget((int) $id);
    }
}

/**
 * Implements hook_civicrm_disable().
 *
 * @throws CRM_Core_Exception core takes a method that is not there for none, and would let everybody in by the password
 */
function mfasidecar_civicrm_disable(): void
{
    if (CoreSetting::isOurs()) {
        throw new CRM_Core_Exception(ts(
            'Logins still ask for a second step. Choose "Disabled" under Administer » Users and Permissions » '
                . 'Multi-Factor Authentication first.',
            ['domain' => 'mfasidecar'],
        ));
    }
}
