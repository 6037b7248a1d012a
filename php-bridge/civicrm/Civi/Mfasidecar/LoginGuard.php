<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use Civi\Api4\Action\User\Login;
use Civi\API\Event\PrepareEvent;
use Civi\API\Event\RespondEvent;
use Civi\API\Exception\UnauthorizedException;
use Civi\Authx\CheckPolicyEvent;
use Civi\Core\Event\GenericHookEvent;
use Civi\Core\Service\AutoSubscriber;
use Civi\Standalone\Event\LoginEvent;

/**
 * Stands beside core's login: what core leaves to the client is decided here, and what we have to say is added.
 *
 * @service mfasidecar.login_guard
 */
class LoginGuard extends AutoSubscriber
{
    /** @return array<string, string> */
    public static function getSubscribedEvents(): array
    {
        return [
            'civi.standalone.altermfaclasses' => 'announce',
            'civi.api.prepare' => 'prepare',
            'civi.api.respond' => 'respond',
            'civi.standalone.login' => 'login',
            'civi.authx.checkPolicy' => 'checkPolicy',
        ];
    }

    public function announce(GenericHookEvent $event): void
    {
        $event->mfaClasses[] = CoreSetting::NAME;
    }

    /** @throws UnauthorizedException */
    public function prepare(PrepareEvent $event): void
    {
        $login = $event->getApiRequest();
        if (SettingGuard::refuses($login)) {
            throw new UnauthorizedException('These settings are changed on the page of multi-factor authentication.');
        }
        if (!$login instanceof Login) {
            return;
        }
        SecondStep::singleton()->reset();
        if (!CoreSetting::isOurs()) {
            return;
        }
        // Core would take any method that is enabled beside ours, at the client's choice.
        if (!in_array($login->getMfaClass(), [null, '', CoreSetting::NAME], true)) {
            throw new UnauthorizedException('This site asks for the second step in another way.');
        }
        // Core's token skips the second step and cannot be revoked; it may be older than we are.
        $login->setRememberMe(false);
        $login->setRememberJWT(null);
        // Core sends people wherever the client says.
        $login->setOriginalUrl(Urls::localPart($login->getOriginalUrl()));
    }

    public function respond(RespondEvent $event): void
    {
        if (!$event->getApiRequest() instanceof Login) {
            return;
        }
        $result = $event->getResponse();
        $result->exchangeArray(SecondStep::singleton()->takeAnswer($result->getArrayCopy()));
    }

    public function login(LoginEvent $event): void
    {
        if ($event->stage === 'login_success') {
            SecondStep::singleton()->signedIn((int) $event->userID);
        }
    }

    /**
     * A password sent with a request passes no second step. API keys and tokens are credentials of their own, which an
     * administrator gives out.
     */
    public function checkPolicy(CheckPolicyEvent $event): void
    {
        if ($event->target->credType === 'pass' && CoreSetting::isOurs()) {
            $event->reject('This site asks for a second step: a password alone is not accepted here.');
        }
    }
}
