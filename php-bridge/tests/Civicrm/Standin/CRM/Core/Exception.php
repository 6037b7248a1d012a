<?php

declare(strict_types=1);

class CRM_Core_Exception extends Exception
{
}
