<?php

declare(strict_types=1);

namespace MfaSidecar\Tests\Civicrm;

use MfaSidecar\Tests\Support\Process;
use PHPUnit\Framework\TestCase;

final class ZipTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../..';

    private string $directory;

    protected function setUp(): void
    {
        $this->directory = Process::temporaryDirectory();
        exec(self::ROOT . "/scripts/civicrm-zip.sh $this->directory/it.zip 2>&1", $output, $status);
        self::assertSame(0, $status, implode("\n", $output));
        exec("unzip -q $this->directory/it.zip -d $this->directory", $output, $status);
        self::assertSame(0, $status, implode("\n", $output));
    }

    protected function tearDown(): void
    {
        Process::removeDirectory($this->directory);
    }

    public function testTheZipHoldsTheLibraryAndNeedsNothingElse(): void
    {
        $extension = "$this->directory/mfasidecar";
        $german = 'l10n/de_DE/LC_MESSAGES/mfasidecar.mo';
        foreach (['LICENSE', 'README.md', 'mfasidecar.php', 'bridge/lib/assets/mfa-sidecar.js', $german] as $file) {
            self::assertFileExists("$extension/$file");
        }
        $use = 'require $argv[1]; echo MfaSidecar\Page\Messages::in("en")->text("setup.title");';
        exec(implode(' ', array_map(escapeshellarg(...), [
            PHP_BINARY,
            '-r',
            $use,
            "$extension/mfasidecar.php",
        ])), $output);
        self::assertSame(['Set up your authenticator app'], $output);
    }

    public function testItDescribesItselfAsCivicrmReadsIt(): void
    {
        $info = simplexml_load_file("$this->directory/mfasidecar/info.xml");
        self::assertSame('mfasidecar', (string) $info['key']);
        self::assertSame('mfasidecar', (string) $info->file);
        $needed = array_map(strval(...), iterator_to_array($info->requires->ext, false));
        self::assertSame(['standaloneusers', 'authx'], $needed);
        foreach (simplexml_load_file("$this->directory/mfasidecar/xml/Menu/mfasidecar.xml")->item as $item) {
            $file = "$this->directory/mfasidecar/" . strtr((string) $item->page_callback, '_', '/') . '.php';
            self::assertFileExists($file);
            // A path without a rule would be open to everybody by accident.
            self::assertNotSame('', (string) $item->access_arguments);
        }
    }
}
