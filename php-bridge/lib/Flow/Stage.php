<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** Where a login stands, and with it the page that is next. */
enum Stage: string
{
    /** Open the session now. */
    case Passed = 'passed';
    /** Show the set-up page. */
    case Enroll = 'enroll';
    /** Show the code page. */
    case Challenge = 'challenge';
    /** This login is over without a success: show the sign-in form with the message. */
    case Over = 'over';
    /** Nobody can tell now: show the message; the login can go on when the service is back. */
    case Blocked = 'blocked';
}
