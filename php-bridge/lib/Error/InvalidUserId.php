<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/** The host passed a user id that the service cannot take; the call was not made. */
final class InvalidUserId extends SidecarError
{
}
