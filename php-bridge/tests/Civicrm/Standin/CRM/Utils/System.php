<?php

declare(strict_types=1);

class CRM_Utils_System
{
    public static string $title = '';

    public static function url(
        string $path,
        ?string $query = null,
        bool $absolute = false,
        ?string $fragment = null,
        bool $htmlize = true,
    ): string {
        // With scheme and host, as core writes addresses in a web request.
        return "http://$_SERVER[HTTP_HOST]/$path" . ($query === null ? '' : "?$query");
    }

    public static function redirect(string $url): never
    {
        header("Location: $url", true, 302);
        exit;
    }

    public static function setHttpHeader(string $name, string $value): void
    {
        header("$name: $value");
    }

    public static function setTitle(string $title): void
    {
        self::$title = $title;
        CRM_Core_Smarty::singleton()->assign('pageTitle', $title);
    }

    public static function download(string $name, string $type, string $content): never
    {
        header("Content-Type: $type");
        header("Content-Disposition: attachment; filename=\"$name\"");
        exit($content);
    }

    public static function ipAddress(): string
    {
        return $_SERVER['REMOTE_ADDR'];
    }

    public static function isSSL(): bool
    {
        return false;
    }

    public static function getLoggedInUfID(): ?int
    {
        return $_SESSION['CiviCRM']['ufID'] ?? null;
    }
}
