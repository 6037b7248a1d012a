<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Page\Message;
use MfaSidecar\Page\Messages;

/** The library's sentences in the language of CiviCRM's page. */
final class Sentences
{
    public static function messages(): Messages
    {
        $language = strtok(\CRM_Core_I18n::getLocale(), '_') ?: Messages::FALLBACK;
        $isOurs = in_array($language, Messages::languages(), true);
        $messages = Messages::in($isOurs ? $language : Messages::FALLBACK);
        // Where the library has no translation, and for the site's own words, CiviCRM is asked for one.
        return $isOurs && $language !== Messages::FALLBACK
            ? $messages
            : $messages->translatedBy(static fn (string $text): string => ts($text, ['domain' => 'mfasidecar']));
    }

    public static function of(Message $message): string
    {
        return self::messages()->of($message);
    }

    /** To the person, on the next page of CiviCRM that they see. */
    public static function say(Message $message, string $type): void
    {
        // CiviCRM shows a status as HTML.
        \CRM_Core_Session::setStatus(htmlspecialchars(self::of($message), ENT_QUOTES), '', $type);
    }

    public static function log(string $line): void
    {
        \Civi::log()->error($line);
    }
}
