<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/** The key is missing, unknown, revoked, expired or of the wrong role: only the site's administrator can help. */
final class Misconfigured extends SidecarError
{
}
