<?php

/**
 * Writes the secrets of CiviCRM's own TOTP method to the standard output, for the service's import:
 *
 *     php export-totp.php [DIRECTORY OF CIVICRM] | mfa-sidecar import civicrm -
 *
 * or, where cv is installed, `cv scr …/mfasidecar/bin/export-totp.php | mfa-sidecar import civicrm -`.
 * It writes to a pipe only: whoever wants the secrets in a file or on the screen asks for it by --insecure-output.
 */

declare(strict_types=1);

use Civi\Mfasidecar\TotpExport;

if (PHP_SAPI !== 'cli') {
    http_response_code(404);
    exit;
}

(static function (array $arguments): void {
    $die = static function (string $why): never {
        fwrite(STDERR, "export-totp: $why\n");
        exit(1);
    };

    // S_IFIFO and S_IFSOCK: what another program reads at once, and nothing keeps.
    $kind = (fstat(STDOUT)['mode'] ?? 0) & 0170000;
    $isInsecure = in_array('--insecure-output', $arguments, true);
    if (!$isInsecure && !in_array($kind, [0010000, 0140000], true)) {
        $die('the output is no pipe. Add "| mfa-sidecar import civicrm -", or --insecure-output if you mean it');
    }

    if (!class_exists('Civi', false)) {
        $names = array_filter($arguments, static fn (string $text): bool => !str_starts_with($text, '-'));
        $directory = array_values($names)[0] ?? null;
        for ($up = __DIR__; $directory === null && $up !== dirname($up); $up = dirname($up)) {
            $directory = is_file("$up/civicrm.standalone.php") ? $up : null;
        }
        $boot = "$directory/civicrm.standalone.php";
        is_file($boot) || $die('name the directory of CiviCRM, where civicrm.standalone.php is');
        require $boot;
        // The container, with it the extensions.
        \CRM_Core_Config::singleton();
    }
    class_exists(TotpExport::class) || $die('the extension mfasidecar is not installed there');

    $export = new TotpExport();
    $count = 0;
    foreach ($export->lines() as $line) {
        fwrite(STDOUT, "$line\n") !== false || $die('nobody reads the output any more');
        $count++;
    }
    foreach ($export->failures as $failure) {
        fwrite(STDERR, "export-totp: $failure\n");
    }
    fwrite(STDERR, "export-totp: $count secrets written, " . count($export->failures) . " left out\n");
    exit($export->failures === [] ? 0 : 1);
})(array_slice($_SERVER['argv'], 1));
