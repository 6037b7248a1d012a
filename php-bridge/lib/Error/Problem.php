<?php

declare(strict_types=1);

namespace MfaSidecar\Error;

/** A verdict of the service in RFC 9457 form, such as a wrong code. */
final class Problem extends SidecarError
{
    /**
     * @param int|null $attemptsRemaining answers that this login has left, with `CODE_REJECTED`
     * @param int|null $retryAfter seconds, with `THROTTLED`
     * @param list<string> $fields members of the request that were refused, with `INVALID_REQUEST`
     */
    public function __construct(
        public readonly ProblemCode $problem,
        public readonly int $status,
        public readonly ?int $attemptsRemaining,
        public readonly ?int $retryAfter,
        string $message,
        public readonly array $fields = [],
    ) {
        parent::__construct($message);
    }
}
