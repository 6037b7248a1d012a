<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

use MfaSidecar\Api\Enrollment;
use MfaSidecar\Api\Login;
use MfaSidecar\Api\Method;

/** The library's forms as HTML fragments for the host's page. All text is escaped in the templates. */
final class Forms
{
    public function __construct(private readonly Messages $messages)
    {
    }

    public function setup(Enrollment $enrollment, FormTarget $target, ?Message $error = null): string
    {
        return $this->render('setup', [
            'enrollment' => $enrollment,
            // As an image the drawing can hold no script and no style of the page: a strict policy needs no exception.
            'qr' => 'data:image/svg+xml;base64,' . base64_encode($enrollment->qrSvg ?? ''),
            'target' => $target,
            'error' => $error,
        ]);
    }

    public function code(Login $login, FormTarget $target, ?Message $error = null): string
    {
        return $this->render('code', [
            'target' => $target,
            'error' => $error,
            'hasRecoveryCodes' => $login->offers(Method::RecoveryCode),
        ]);
    }

    public function recovery(Login $login, FormTarget $target, ?Message $error = null): string
    {
        $remaining = null;
        foreach ($login->methods as $method) {
            $remaining = $method->method === Method::RecoveryCode ? $method->remaining : $remaining;
        }
        return $this->render('recovery', ['target' => $target, 'error' => $error, 'remaining' => $remaining]);
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

    /** @param array<string, mixed> $values */
    private function render(string $template, #[\SensitiveParameter] array $values): string
    {
        return (new Template(dirname(__DIR__) . '/templates', $this->messages))->render($template, $values);
    }
}
