<?php

declare(strict_types=1);

class CRM_Core_BAO_Domain
{
    public static function getDomain(): object
    {
        return (object) ['name' => 'Harbour'];
    }
}
