<?php

declare(strict_types=1);

namespace Civi\Authx;

/** Opens a session, as core does: another identifier, and the old session stays until it expires. */
class Standalone
{
    public function loginSession($userId)
    {
        session_regenerate_id(false);
        \CRM_Core_Session::singleton()->set('ufID', (int) $userId);
    }
}
