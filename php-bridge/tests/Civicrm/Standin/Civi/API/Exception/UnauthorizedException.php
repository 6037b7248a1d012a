<?php

declare(strict_types=1);

namespace Civi\API\Exception;

class UnauthorizedException extends \CRM_Core_Exception
{
}
