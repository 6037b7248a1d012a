<?php

declare(strict_types=1);

class CRM_Core_Config
{
    /** The real one starts the services and the extensions. */
    public static function singleton(): self
    {
        return new self();
    }
}
