<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

enum PolicyMode: string
{
    case Disabled = 'disabled';
    case Optional = 'optional';
    case Required = 'required';
}
