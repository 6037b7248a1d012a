<?php

declare(strict_types=1);

namespace Civi\Mfasidecar;

use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\ConnectionTest;
use MfaSidecar\Page\Message;
use Psr\Log\LogLevel;

/** What CiviCRM's system status says about the second step. */
final class Health
{
    /** @return list<\CRM_Utils_Check_Message> */
    public static function messages(): array
    {
        return array_values(array_filter([self::service(), self::settings(), self::forgotten()]));
    }

    private static function service(): ?\CRM_Utils_Check_Message
    {
        if (!CoreSetting::isOurs() && !Connection::isSet(Connection::URL)) {
            return self::message('setup', LogLevel::NOTICE, ts(
                'Multi-factor authentication is installed, but not connected to its service.',
                ['domain' => 'mfasidecar'],
            ));
        }
        // Nobody can sign in without it, once core asks for it.
        $level = CoreSetting::isOurs() ? LogLevel::CRITICAL : LogLevel::WARNING;
        $test = ConnectionTest::with(
            Connection::url(),
            Connection::key(Connection::BRIDGE_KEY),
            ConnectionTest::BRIDGE,
            Sentences::log(...),
        );
        if (!$test->isGood) {
            return self::message('service', $level, Sentences::of($test->message));
        }
        if (in_array(ConnectionTest::ADMIN, $test->roles, true)) {
            return self::message('bridge_key', LogLevel::WARNING, ts(
                'The key for logins has the role "admin" as well. Give the login page a key that has the role "bridge" '
                    . 'only.',
                ['domain' => 'mfasidecar'],
            ));
        }
        $policy = (new Administration(Connection::bridge(...), Sentences::log(...)))->policy();
        if ($policy instanceof Message) {
            return self::message('service', $level, Sentences::of($policy));
        }
        $problems = Agreement::problems($policy);
        return $problems === [] ? null : self::message('agreement', LogLevel::ERROR, implode(' ', $problems));
    }

    /** Known without asking the service, so that an outage does not hide it. */
    private static function settings(): ?\CRM_Utils_Check_Message
    {
        $problems = Agreement::ofCore();
        return $problems === [] ? null : self::message('settings', LogLevel::ERROR, implode(' ', $problems));
    }

    private static function forgotten(): ?\CRM_Utils_Check_Message
    {
        $count = count(Forgetting::waiting());
        return $count === 0 ? null : self::message('forgetting', LogLevel::WARNING, ts(
            'The multi-factor service could not be told of %1 deleted user(s) yet. It is told by the next status check '
                . 'or scheduled job.',
            ['domain' => 'mfasidecar', 1 => $count],
        ));
    }

    private static function message(string $name, string $level, string $text): \CRM_Utils_Check_Message
    {
        return new \CRM_Utils_Check_Message(
            "mfasidecar_$name",
            htmlspecialchars($text),
            ts('Multi-Factor Authentication', ['domain' => 'mfasidecar']),
            $level,
            'fa-lock',
        );
    }
}
