<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** What became of a code that was given to the mail server or the SMS gateway. */
enum DeliveryState: string
{
    case Pending = 'pending';
    case Accepted = 'accepted';
    case Failed = 'failed';
}
