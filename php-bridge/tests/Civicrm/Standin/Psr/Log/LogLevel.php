<?php

declare(strict_types=1);

namespace Psr\Log;

class LogLevel
{
    public const CRITICAL = 'critical';
    public const ERROR = 'error';
    public const WARNING = 'warning';
    public const NOTICE = 'notice';
}
