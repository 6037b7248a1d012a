<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

use MfaSidecar\Api\LoginMethod;
use MfaSidecar\Api\Method;
use MfaSidecar\Api\Purpose;
use MfaSidecar\Flow\LoginStep;
use MfaSidecar\Flow\SelfServiceStep;
use MfaSidecar\Flow\SetUp;
use MfaSidecar\Flow\View;

/** The library's forms as HTML fragments for the host's page. All text is escaped in the templates. */
final class Forms
{
    /**
     * @param string|null $country ISO 3166-1 alpha-2: offered first where a number is asked for
     * @param array<string, string> $classes the host's own classes, by the library's class beside which they go:
     *     `['mfa-button' => 'btn btn-primary']` gives the forms the looks of the host's
     */
    public function __construct(
        private readonly Messages $messages,
        private readonly ?string $country = null,
        private readonly array $classes = [],
    ) {
    }

    /** The set-up of an authenticator, at a login or in self-service. */
    public function setup(SetUp $setUp, FormTarget $target, ?Message $error = null): string
    {
        $template = match (true) {
            $setUp->method === null => 'setup-choice',
            $setUp->enrollment === null => 'setup-destination',
            $setUp->method === Method::Totp => 'setup',
            default => 'setup-code',
        };
        return $this->render($template, [
            'setUp' => $setUp,
            'enrollment' => $setUp->enrollment,
            // As an image the drawing can hold no script and no style of the page: a strict policy needs no exception.
            'qr' => 'data:image/svg+xml;base64,' . base64_encode($setUp->enrollment?->qrSvg ?? ''),
            'countries' => $this->countries($setUp),
            'country' => $setUp->typed->destination === null ? $this->country : $setUp->typed->country,
            'target' => $target,
            'error' => $error,
        ]);
    }

    /** The code page: whatever the login asks for now, with the other ways one click away. */
    public function code(LoginStep $step, FormTarget $target): string
    {
        $asked = $step->asked;
        if ($asked->method === Method::RecoveryCode) {
            return $this->recovery($step, $target);
        }
        $sent = $step->sentCode();
        return $this->render('code', [
            'step' => $step,
            'asked' => $asked,
            'sent' => $sent,
            'intro' => self::intro($asked->method, $sent?->destination ?? ''),
            'wayOf' => self::wayOf(...),
            'isPass' => $asked->method === Method::OneTimePass,
            'hasRecoveryCodes' => $step->login->offers(Method::RecoveryCode) && $target->other !== null,
            'isStepUp' => $step->login->purpose === Purpose::StepUp,
            'trustedDays' => $asked->method->isAuthenticator() ? $step->login->trustedDeviceDays : 0,
            'target' => $target,
            'error' => $step->error,
        ]);
    }

    public function recovery(LoginStep $step, FormTarget $target): string
    {
        return $this->render('recovery', [
            'target' => $target,
            'error' => $step->error,
            'remaining' => $step->login->find(Method::RecoveryCode)?->remaining,
            'isStepUp' => $step->login->purpose === Purpose::StepUp,
            'hasApp' => $step->login->offers(Method::Totp),
        ]);
    }

    /** @param FormTarget $target its action is the host's address of self-service, which takes its forms as well */
    public function security(SelfServiceStep $step, FormTarget $target): string
    {
        if ($step->setUp !== null) {
            return $this->setup($step->setUp, $target, $step->error);
        }
        return $this->render(match ($step->view) {
            View::Overview, View::Add => 'security',
            View::Rename => 'security-rename',
            View::Remove => 'security-remove',
            View::RecoveryCodes => 'security-renew',
            View::Disable => 'security-disable',
        }, [
            'step' => $step,
            'user' => $step->user,
            'authenticator' => $step->authenticator,
            'canAdd' => !$step->isOff && $step->user->enrollable !== [],
            'url' => static fn (View $view, array $query = []): string
                => SelfServiceStep::address($target->action, $view, $query),
            'target' => $target,
            'error' => $step->error,
        ]);
    }

    /**
     * Signed in for now, with the day from which it takes an authenticator.
     *
     * @param string $setUp the page that sets one up
     * @param string $later where the person wanted to go
     */
    public function grace(\DateTimeInterface $endsAt, string $setUp, string $later): string
    {
        return $this->render('grace', ['endsAt' => $endsAt, 'setUp' => $setUp, 'later' => $later]);
    }

    /**
     * @param list<string> $codes
     * @param string $download takes the form that answers the codes as a file
     */
    public function recoveryCodes(
        #[\SensitiveParameter] array $codes,
        FormTarget $target,
        string $download,
        ?Message $error = null,
    ): string {
        return $this->render('recovery-codes', [
            'codes' => $codes,
            'target' => $target,
            'download' => $download,
            'error' => $error,
        ]);
    }

    private static function intro(Method $method, string $destination): Message
    {
        return match ($method) {
            Method::Email => new Message('code.intro_email', ['destination' => $destination]),
            Method::Sms => new Message('code.intro_sms', ['destination' => $destination]),
            Method::OneTimePass => new Message('pass.intro'),
            Method::Totp, Method::Webauthn, Method::RecoveryCode => new Message('code.intro'),
        };
    }

    private static function wayOf(LoginMethod $method): Message
    {
        $to = ['destination' => $method->destination ?? ''];
        return match ($method->method) {
            Method::Email => new Message('code.use_email', $to),
            Method::Sms => new Message('code.use_sms', $to),
            Method::OneTimePass => new Message('code.use_pass'),
            Method::Totp, Method::Webauthn => new Message('code.use_app'),
            Method::RecoveryCode => new Message('code.use_recovery'),
        };
    }

    /** @return array<string, string> names with calling codes, by country, in the order of the language */
    private function countries(SetUp $setUp): array
    {
        $names = [];
        foreach ($setUp->countries as $country) {
            $names[$country->country] = $this->messages->country($country->country) . " ($country->callingCode)";
        }
        class_exists(\Collator::class)
            ? (new \Collator($this->messages->language))->asort($names)
            : asort($names);
        return $names;
    }

    /** @param array<string, mixed> $values */
    private function render(string $template, #[\SensitiveParameter] array $values): string
    {
        $html = (new Template(dirname(__DIR__) . '/templates', $this->messages))->render($template, $values);
        return $this->classes === [] ? $html : $this->withClasses($html);
    }

    /** Values are escaped, quotes too: ` class="` in the text is an attribute of a template. */
    private function withClasses(#[\SensitiveParameter] string $html): string
    {
        return preg_replace_callback('/ class="([^"]*)"/', function (array $match): string {
            $own = explode(' ', $match[1]);
            $added = array_intersect_key($this->classes, array_flip($own));
            return ' class="' . implode(' ', [...$own, ...array_values($added)]) . '"';
        }, $html);
    }
}
