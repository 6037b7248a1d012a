<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Core\Event\GenericHookEvent;
use Civi\Core\Service\AutoSubscriber;

/**
 * "Remove authenticator" for the users that are ticked in a list.
 *
 * @service mfasidecar.user_list_task
 */
class UserListTask extends AutoSubscriber
{
    private const NAME = 'mfasidecar_remove';
    /** Core's own list of users, which names the tasks that it shows, and cannot name ours. */
    private const CORE_LIST = 'Users';
    /** After SearchKit has taken out what a list does not name. */
    private const AFTER_FILTER = -300;

    /** @return array<string, list<array{string, int}>> */
    public static function getSubscribedEvents(): array
    {
        return ['hook_civicrm_searchKitTasks' => [['add', 0], ['addToCoreList', self::AFTER_FILTER]]];
    }

    public function add(GenericHookEvent $event): void
    {
        if ($event->checkPermissions && !\CRM_Core_Permission::check('cms:administer users', $event->userId)) {
            return;
        }
        $event->tasks['User'][self::NAME] = self::task();
    }

    public function addToCoreList(GenericHookEvent $event): void
    {
        if (($event->search['name'] ?? null) === self::CORE_LIST) {
            $this->add($event);
        }
    }

    /** @return array<string, mixed> */
    private static function task(): array
    {
        $ts = static fn (string $text): string => ts($text, ['domain' => 'mfasidecar']);
        return [
            'title' => $ts('Remove authenticator'),
            'icon' => 'fa-mobile',
            'apiBatch' => [
                'entity' => 'MfaSidecarUser',
                'action' => 'removeAuthenticators',
                'params' => null,
                'confirmMsg' => $ts('Remove the authenticators of %1 user(s)? Apps, recovery codes and trusted '
                    . 'browsers stop working at once. Make sure that it is really they who asked you: until a second '
                    . 'step is set up again, the password alone protects the account.'),
                'runMsg' => $ts('Removing the authenticators of %1 user(s)...'),
                'successMsg' => $ts('The authenticators of %1 user(s) were removed.'),
                'errorMsg' => $ts('The authenticators could not be removed. The cause is in the log.'),
            ],
        ];
    }
}
