<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

enum LoginStatus: string
{
    case EnrollmentRequired = 'enrollment_required';
    case ChallengeRequired = 'challenge_required';
    case Passed = 'passed';
    case Failed = 'failed';
    case Expired = 'expired';
    case Canceled = 'canceled';
}
