<?php

declare(strict_types=1);

namespace Civi\Api4\Action\User;

use Civi\Api4\Generic\AbstractAction;
use Civi\Api4\Generic\Result;
use Civi\Standalone\Event\LoginEvent;
use Civi\Standalone\MFA\Base;
use Civi\Standalone\Security;

/** Core's login: the password first, then one method of those that are enabled, as the client says. */
class Login extends AbstractAction
{
    private const PENDING_SECONDS = 120;

    protected ?string $identifier = null;
    protected ?string $password = null;
    protected bool $rememberMe = false;
    protected ?string $rememberJWT = null;
    protected ?string $mfaClass = null;
    protected $mfaData = null;
    protected ?string $originalUrl = null;

    public function _run(Result $result)
    {
        empty($this->mfaClass) ? $this->password($result) : $this->method($result);
    }

    private function password(Result $result): void
    {
        $userId = Security::singleton()->checkPassword((string) $this->identifier, (string) $this->password);
        if ($userId === null) {
            $result['publicError'] = 'Invalid credentials';
            return;
        }
        $classes = array_filter(array_map(
            Base::classIsAvailable(...),
            array_filter((array) \Civi::settings()->get('standalone_mfa_enabled')),
        ));
        $isFromLogin = parse_url((string) $this->originalUrl, PHP_URL_PATH) === '/civicrm/login';
        $url = $isFromLogin ? '/civicrm/home' : ($this->originalUrl ?: '/civicrm/home');
        $isRemembered = \Civi::settings()->get('standalone_mfa_remember') > 0 && $this->rememberMe
            && $this->rememberJWT === "remembered:$userId";
        if ($classes === [] || $isRemembered) {
            $this->signIn($userId);
            $result['url'] = $url;
            return;
        }
        \CRM_Core_Session::singleton()->set('pendingLogin', [
            'userID' => $userId,
            'username' => $this->identifier,
            'expiry' => time() + self::PENDING_SECONDS,
            'successUrl' => $url,
            'rememberMe' => $this->rememberMe,
        ]);
        $class = array_values($classes)[0];
        $result['url'] = (new $class($userId))->getFormUrl();
    }

    private function method(Result $result): void
    {
        $class = Base::classIsAvailable($this->mfaClass);
        $pending = Base::getPendingLogin();
        if ($class === null) {
            \CRM_Core_Session::singleton()->set('pendingLogin', []);
            $result['publicError'] = 'MFA method not available.';
        } elseif ($pending === null) {
            $result['url'] = '/civicrm/login';
        } else {
            $isRight = (new $class($pending['userID']))->processMFAAttempt($pending, $this->mfaData);
            $event = new LoginEvent('post_mfa', $pending['userID'], $isRight ? null : 'wrongMFA');
            \Civi::dispatcher()->dispatch('civi.standalone.login', $event);
            if (!$isRight) {
                $result['publicError'] = 'MFA failed verification';
                return;
            }
            \CRM_Core_Session::singleton()->set('pendingLogin', []);
            $this->signIn($pending['userID']);
            $result['url'] = $pending['successUrl'];
        }
    }

    private function signIn(int $userId): void
    {
        _authx_uf()->loginSession($userId);
        $event = new LoginEvent('login_success', $userId);
        \Civi::dispatcher()->dispatch('civi.standalone.login', $event);
    }
}
