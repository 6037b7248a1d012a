<?php

declare(strict_types=1);

namespace MfaSidecar\Page;

/** Where a form of the library leads at this host. */
final class FormTarget
{
    /**
     * @param string $action takes the form
     * @param string $cancel takes the form that gives the login up
     * @param string|null $other the page with the other way to sign in
     */
    public function __construct(
        public readonly string $action,
        public readonly Csrf $csrf,
        public readonly string $cancel = '',
        public readonly ?string $other = null,
    ) {
    }
}
