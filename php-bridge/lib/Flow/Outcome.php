<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

/** What the host does after a step of self-service. */
enum Outcome: string
{
    /** Show the page. */
    case Page = 'page';
    /** It is done: say the notice, if there is one, and redirect to the view. */
    case Done = 'done';
    /** Show the new recovery codes until the person has acknowledged them, then go on to the overview. */
    case RecoveryCodes = 'recovery_codes';
    /** Ask for a fresh proof by a factor, then come back to the view. */
    case StepUp = 'step_up';
    /** Nobody can tell now, or the host is not set up correctly: show the message. */
    case Blocked = 'blocked';
}
