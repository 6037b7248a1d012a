<?php

declare(strict_types=1);

use Civi\Api4\Generic\AbstractAction;
use Civi\Authx\AuthenticatorTarget;
use Civi\Authx\CheckPolicyEvent;
use Civi\Core\Event\GenericHookEvent;
use MfaSidecar\Tests\Civicrm\Standin\World;

require __DIR__ . '/civicrm.standalone.php';

// Files that a web server gives out by itself.
if (preg_match('~\A/_ext/([\w./-]+\.(css|js))\z~', $_SERVER['REQUEST_URI'], $match) === 1) {
    header('Content-Type: ' . ($match[2] === 'css' ? 'text/css' : 'text/javascript'));
    exit(file_get_contents(\Civi\Core\Resources::path($match[1])));
}
if ($_SERVER['REQUEST_URI'] === '/favicon.ico') {
    http_response_code(204);
    exit;
}
if ($_SERVER['REQUEST_URI'] === '/_core/api4.js') {
    header('Content-Type: text/javascript');
    exit(file_get_contents(__DIR__ . '/api4.js'));
}

ini_set('session.use_strict_mode', '1');
ini_set('session.save_path', (string) getenv('STANDIN_DIR'));
session_name('SESSCIVISO');
session_start();

$path = trim((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
$json = static function (mixed $answer, int $status = 200): never {
    http_response_code($status);
    header('Content-Type: application/json');
    exit(json_encode($answer));
};

/** One call of the API by an outside client, who learns of an error only that there was one. */
$api = static function (string $entity, string $action, array $params) use ($json): never {
    try {
        $class = "Civi\\Api4\\$entity";
        $call = $class::$action();
        foreach ($params as $name => $value) {
            $call->{'set' . ucfirst($name)}($value);
        }
        /** @var AbstractAction $call */
        $json(['values' => $call->setCheckPermissions(true)->execute()->getArrayCopy()]);
    } catch (\Throwable $error) {
        World::log('API: ' . $error->getMessage());
        $status = $error instanceof \Civi\API\Exception\UnauthorizedException ? 403 : 500;
        $json(['error_code' => 1, 'error_message' => 'Sorry an error occurred', 'status' => $status], $status);
    }
};

if (preg_match('~\Acivicrm/ajax/api4/(\w+)/(\w+)\z~', $path, $match) === 1) {
    $isClient = ($_SERVER['HTTP_X_REQUESTED_WITH'] ?? '') === 'XMLHttpRequest' && $_SERVER['REQUEST_METHOD'] === 'POST';
    $isClient || $json(['error_code' => 400], 400);
    $api($match[1], $match[2], json_decode($_POST['params'] ?? '{}', true));
}

// What core does outside of pages, for the tests to ask for.
$event = static function (string $name, array $values): GenericHookEvent {
    $event = GenericHookEvent::create($values);
    \Civi::dispatcher()->dispatch($name, $event);
    return $event;
};
switch ($path) {
    case '_core/mfa-classes':
        $classes = ['TOTP'];
        $event('civi.standalone.altermfaclasses', ['mfaClasses' => &$classes]);
        $json($classes);
        // Nothing comes after an answer.
    case '_core/authx':
        $check = new CheckPolicyEvent([], new AuthenticatorTarget($_GET['type']));
        \Civi::dispatcher()->dispatch('civi.authx.checkPolicy', $check);
        $json($check->getRejection());
        // As above.
    case '_core/api3':
        // APIv3 hands a request around as an array.
        $params = $_GET['params'] ?? [];
        $request = ['version' => 3, 'entity' => 'Setting', 'action' => $_GET['action'], 'params' => $params];
        try {
            \Civi::dispatcher()->dispatch('civi.api.prepare', new \Civi\API\Event\PrepareEvent($request));
            $json('through');
        } catch (\Civi\API\Exception\UnauthorizedException) {
            $json('refused');
        }
        // As above.
    case '_core/delete-user':
        // In a transaction that is committed, taken back, or committed around a part that was taken back.
        $end = $_GET['end'] ?? null;
        $end === null || CRM_Core_Transaction::begin();
        $user = World::state()['users'][$_GET['id']];
        $isThere = static fn (bool $isThere) => World::change(static function (array $now) use ($user, $isThere) {
            unset($now['users'][$_GET['id']]);
            return $isThere ? ['users' => $now['users'] + [$user['id'] => $user]] + $now : $now;
        });
        $isThere(false);
        mfasidecar_civicrm_post('delete', $_GET['entity'] ?? 'User', $_GET['id']);
        in_array($end, ['rollback', 'part'], true) && $isThere(true);
        in_array($end, ['commit', 'part'], true) && CRM_Core_Transaction::commit();
        $json(null);
        // As above.
    case '_core/uninstall':
        mfasidecar_civicrm_uninstall();
        $json(null);
        // As above.
    case '_core/has-completed-setup':
        try {
            $json((new \Civi\Standalone\MFA\Sidecar((int) $_GET['id']))->userHasCompletedSetup());
        } catch (\Throwable) {
            $json('not known');
        }
        // As above.
    case '_core/links':
        $manager = new class {
            public ?\Civi\Angular\ChangeSet $added = null;

            public function add(\Civi\Angular\ChangeSet $changes): void
            {
                $this->added = $changes;
            }
        };
        mfasidecar_civicrm_alterAngular($manager);
        $document = new class {
            public string $html = '';

            public function find(string $selector): self
            {
                return $this;
            }

            public function append(string $html): void
            {
                $this->html .= $html;
            }
        };
        foreach ($manager->added->changes as $change) {
            $change($document);
        }
        $json(array_keys($manager->added->changes) + ['html' => $document->html]);
        // As above.
    case '_core/cron':
        mfasidecar_civicrm_cron();
        $json(null);
        // As above.
    case '_core/checks':
        $messages = [];
        mfasidecar_civicrm_check($messages);
        $json(array_map(static fn (CRM_Utils_Check_Message $message): array => $message->fields, $messages));
        // As above.
    case '_core/disable':
        try {
            mfasidecar_civicrm_disable();
            $json('disabled');
        } catch (CRM_Core_Exception $error) {
            $json($error->getMessage());
        }
        // As above.
    case '_core/validate':
        $settings = ['standalone_mfa_enabled' => []];
        mfasidecar_civicrm_alterSettingsMetaData($settings);
        try {
            $json($settings['standalone_mfa_enabled']['validate_callback'](explode(',', $_GET['classes'])));
        } catch (CRM_Core_Exception $error) {
            $json($error->getMessage());
        }
        // As above.
    case '_core/menu':
        $menu = [['attributes' => ['name' => 'Administer'], 'child' => [
            ['attributes' => ['name' => 'Users and Permissions'], 'child' => []],
        ]]];
        mfasidecar_civicrm_navigationMenu($menu);
        $json($menu);
        // As above.
    case '_core/tasks':
        $tasks = [];
        $event('hook_civicrm_searchKitTasks', [
            'tasks' => &$tasks,
            'checkPermissions' => true,
            'userId' => null,
            'search' => ['name' => $_GET['search'], 'api_entity' => 'User'],
        ]);
        $json($tasks);
        // As above.
    case 'civicrm/logout':
        session_regenerate_id(true);
        $_SESSION = [];
        CRM_Utils_System::redirect('/civicrm/login');
        // As above.
    case 'civicrm/login':
    case 'civicrm/home':
        $who = CRM_Utils_System::getLoggedInUfID();
        $statuses = $_SESSION['CiviCRM']['statuses'] ?? [];
        unset($_SESSION['CiviCRM']['statuses']);
        exit('<!doctype html><html lang="en"><title>CiviCRM</title><script src="/_core/api4.js"></script>'
            . "<main data-page=\"$path\" data-user=\"$who\">" . implode(' ', array_column($statuses, 0)) . '</main>');
}

[$page, $permission] = World::menu()[$path] ?? [null, ''];
if ($page === null) {
    http_response_code(404);
    exit('<main data-page="not-found"></main>');
}
if (!CRM_Core_Permission::check($permission)) {
    http_response_code(403);
    exit('<main data-page="forbidden"></main>');
}
(new $page())->run();
