<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/** The last part of `urn:mfa-sidecar:problem:…`. */
enum ProblemCode: string
{
    case InvalidRequest = 'invalid-request';
    case StepUpRequired = 'step-up-required';
    case LoginNotFound = 'login-not-found';
    case UserNotFound = 'user-not-found';
    case AuthenticatorNotFound = 'authenticator-not-found';
    case LoginNotPending = 'login-not-pending';
    case AlreadyEnrolled = 'already-enrolled';
    case TooManyAuthenticators = 'too-many-authenticators';
    case LoginExpired = 'login-expired';
    case PreconditionFailed = 'precondition-failed';
    case CodeRejected = 'code-rejected';
    case MethodNotAvailable = 'method-not-available';
    case LastAuthenticator = 'last-authenticator';
    case Throttled = 'throttled';
    case DeliveryFailed = 'delivery-failed';
    /** A code that this version of the library does not know: denied like all others. */
    case Unknown = 'unknown';
}
