<?php

declare(strict_types=1);

namespace MfaSidecar\Api;

/** What a confirmed set-up in self-service has brought. */
final class EnrollmentResult
{
    /** @param list<string> $recoveryCodes with the user's first authenticator, shown once */
    public function __construct(
        public readonly Authenticator $authenticator,
        #[\SensitiveParameter]
        public readonly array $recoveryCodes,
    ) {
    }

    public static function fromPayload(Payload $payload): self
    {
        return new self(
            Authenticator::fromPayload($payload->object('authenticator')),
            $payload->stringsOrNone('recovery_codes'),
        );
    }

    public function __debugInfo(): array
    {
        return ['authenticator' => $this->authenticator];
    }
}
