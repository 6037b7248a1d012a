<?php

declare(strict_types=1);

class CRM_Utils_Check_Message
{
    /** @var array<string, string> */
    public array $fields;

    public function __construct(string $name, string $message, string $title, string $level, string $icon)
    {
        $this->fields = ['name' => $name, 'message' => $message, 'level' => $level];
    }
}
