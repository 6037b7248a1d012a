<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/**
 * Why a call did not succeed. None of these may ever let a person in: unknown means denied.
 *
 * The message is for the host's log. It never holds a key, a code, a secret or a login id.
 */
abstract class SidecarError extends \RuntimeException
{
}
