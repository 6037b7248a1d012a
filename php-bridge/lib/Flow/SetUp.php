<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\SmsCountry;
use MfaSidecar\Page\Message;

/**
 * Where the set-up of an authenticator stands, at a login or in self-service: a method is chosen, then an app is
 * scanned or an address named, then a code proves it.
 */
final class SetUp
{
    /**
     * @param non-empty-list<Method> $methods to choose from
     * @param Method|null $method chosen; null: nothing yet
     * @param Enrollment|null $enrollment null: an address or a number is still to be named
     * @param string|null $knownDestination masked; what the host says of the user, for this method
     * @param list<SmsCountry> $countries where text messages may go
     * @param Choice $typed what the person has typed already
     * @param bool $isReplacement the person has proven what they had, and the site wants something else
     */
    public function __construct(
        public readonly array $methods,
        public readonly ?Method $method,
        public readonly ?Enrollment $enrollment,
        public readonly ?string $knownDestination = null,
        public readonly array $countries = [],
        public readonly Choice $typed = new Choice(),
        public readonly bool $isReplacement = false,
    ) {
    }

    /** @return list<Method> */
    public function otherMethods(): array
    {
        return array_values(array_filter($this->methods, fn (Method $method): bool => $method !== $this->method));
    }

    public function title(): Message
    {
        return new Message(match ($this->method) {
            Method::Totp => 'setup.title',
            Method::Email => $this->enrollment === null ? 'setup.title_email' : 'setup.title_sent',
            Method::Sms => $this->enrollment === null ? 'setup.title_sms' : 'setup.title_sent',
            default => 'setup.title_choice',
        });
    }
}
