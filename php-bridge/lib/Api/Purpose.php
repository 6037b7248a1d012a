<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

enum Purpose: string
{
    case Login = 'login';
    /** A sensitive operation by a person who is signed in already. */
    case StepUp = 'step_up';
}
