<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/** The service did not answer, or answered something that is not its contract: an outage, not a verdict. */
final class SidecarUnavailable extends SidecarError
{
}
