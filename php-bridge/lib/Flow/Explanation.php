<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Method;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Page\Message;

/** What a person is told about a problem, in words that fit what they were doing. */
final class Explanation
{
    /** While a code was checked. */
    public static function ofCode(Problem $problem, ?Method $method): Message
    {
        return match ($problem->problem) {
            ProblemCode::Throttled => new Message('error.throttled', ['seconds' => self::wait($problem->retryAfter)]),
            ProblemCode::MethodNotAvailable => new Message('error.method'),
            ProblemCode::InvalidRequest => new Message('error.code_malformed'),
            ProblemCode::TooManyAuthenticators => new Message('error.too_many_authenticators'),
            default => self::rejected($method, $problem->attemptsRemaining),
        };
    }

    /** While a code was to be sent, or a set-up begun. */
    public static function ofSending(Problem $problem, ?Method $method): Message
    {
        return match ($problem->problem) {
            ProblemCode::Throttled
                => new Message('error.send_throttled', ['seconds' => self::wait($problem->retryAfter)]),
            ProblemCode::DeliveryFailed => new Message('error.delivery'),
            ProblemCode::TooManyAuthenticators => new Message('error.too_many_authenticators'),
            ProblemCode::InvalidRequest => new Message(match ($method) {
                Method::Email => 'error.email_invalid',
                Method::Sms => 'error.phone_invalid',
                default => 'error.method',
            }),
            default => new Message('error.method'),
        };
    }

    public static function locked(int $seconds): Message
    {
        return new Message('error.throttled', ['seconds' => self::wait($seconds)]);
    }

    private static function rejected(?Method $method, ?int $left): Message
    {
        $isCounted = $left !== null;
        $key = match ($method) {
            Method::Email, Method::Sms => $isCounted ? 'error.sent_code_rejected_left' : 'error.sent_code_rejected',
            Method::RecoveryCode => $isCounted ? 'error.recovery_rejected_left' : 'error.recovery_rejected',
            Method::OneTimePass => $isCounted ? 'error.pass_rejected_left' : 'error.pass_rejected',
            Method::Totp, Method::Webauthn, null => $isCounted ? 'error.code_rejected_left' : 'error.code_rejected',
        };
        return new Message($key, $isCounted ? ['count' => $left] : []);
    }

    private static function wait(?int $seconds): int
    {
        return max(1, $seconds ?? 30);
    }
}
