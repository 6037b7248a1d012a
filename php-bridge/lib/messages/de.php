<?php

return [
    'duration.seconds.one' => 'eine Sekunde',
    'duration.seconds.other' => '{count} Sekunden',
    'duration.minutes.one' => 'eine Minute',
    'duration.minutes.other' => '{count} Minuten',

    'error.heading' => 'Das hat nicht geklappt',
    'error.title_prefix' => 'Fehler: {title}',
    'error.code_missing' => 'Geben Sie den Code ein.',
    'error.code_malformed' => 'Das ist kein Code. Bitte prüfen Sie Ihre Eingabe.',
    'error.code_rejected' => 'Dieser Code passt nicht. Warten Sie auf einen neuen und versuchen Sie es noch einmal.',
    'error.code_rejected_left.one' => 'Dieser Code passt nicht. Sie haben noch einen Versuch, dann beginnen Sie von vorn.',
    'error.code_rejected_left.other' => 'Dieser Code passt nicht. Warten Sie auf einen neuen; Sie haben noch {count} Versuche.',
    'error.throttled' => 'Es gab zu viele falsche Codes. Bitte warten Sie zu Ihrer Sicherheit {duration} und versuchen '
        . 'Sie es dann noch einmal.',
    'error.too_many_attempts' => 'Es gab zu viele falsche Codes. Bitte melden Sie sich neu an.',
    'error.login_expired' => 'Sie waren zu lange weg, oder diese Anmeldung ist beendet. Bitte melden Sie sich neu an.',
    'error.already_enrolled' => 'Ihr Konto wurde inzwischen eingerichtet. Bitte melden Sie sich neu an.',
    'error.method' => 'Dieser Weg steht Ihnen nicht offen. Bitte nehmen Sie einen anderen.',
    'error.delivery' => 'Der Code konnte nicht gesendet werden. Bitte versuchen Sie es gleich noch einmal oder nehmen '
        . 'Sie einen anderen Weg.',
    'error.sent_code_rejected' => 'Dieser Code passt nicht. Nehmen Sie den neuesten, den wir Ihnen gesendet haben.',
    'error.sent_code_rejected_left.one' => 'Dieser Code passt nicht. Nehmen Sie den neuesten, den wir Ihnen gesendet '
        . 'haben; Sie haben noch einen Versuch, dann beginnen Sie von vorn.',
    'error.sent_code_rejected_left.other' => 'Dieser Code passt nicht. Nehmen Sie den neuesten, den wir Ihnen gesendet '
        . 'haben; Sie haben noch {count} Versuche.',
    'error.recovery_rejected' => 'Dieser Wiederherstellungscode passt nicht. Prüfen Sie ihn, oder nehmen Sie einen, den '
        . 'Sie noch nicht verwendet haben.',
    'error.recovery_rejected_left.one' => 'Dieser Wiederherstellungscode passt nicht. Sie haben noch einen Versuch, dann '
        . 'beginnen Sie von vorn.',
    'error.recovery_rejected_left.other' => 'Dieser Wiederherstellungscode passt nicht. Prüfen Sie ihn, oder nehmen Sie '
        . 'einen unverbrauchten; Sie haben noch {count} Versuche.',
    'error.pass_rejected' => 'Dieser Einmalpass passt nicht. Er gilt einmal und nur kurz: Lassen Sie sich bei Bedarf von '
        . 'der Verwaltung einen neuen geben.',
    'error.pass_rejected_left.one' => 'Dieser Einmalpass passt nicht. Sie haben noch einen Versuch, dann beginnen Sie '
        . 'von vorn.',
    'error.pass_rejected_left.other' => 'Dieser Einmalpass passt nicht. Er gilt einmal und nur kurz; Sie haben noch '
        . '{count} Versuche.',
    'error.send_throttled' => 'Ein Code lässt sich nur ab und zu senden. Bitte warten Sie {duration} und fordern Sie '
        . 'dann einen neuen an.',
    'error.email_missing' => 'Geben Sie Ihre E-Mail-Adresse ein.',
    'error.email_invalid' => 'An diese Adresse können wir keinen Code senden. Bitte prüfen Sie sie.',
    'error.phone_missing' => 'Geben Sie Ihre Telefonnummer ein.',
    'error.phone_invalid' => 'An diese Nummer können wir keine SMS senden. Bitte prüfen Sie sie und das Land.',
    'error.too_many_authenticators' => 'Mehr können Sie nicht einrichten. Entfernen Sie zuerst etwas, das Sie nicht mehr '
        . 'brauchen.',
    'error.step_up_failed' => 'Es gab zu viele falsche Codes. Bitte beginnen Sie von vorn.',
    'error.step_up_expired' => 'Das hat zu lange gedauert oder wurde anderswo beendet. Bitte beginnen Sie von vorn.',
    'error.setup_over' => 'Dieses Einrichten ist beendet: Es hat zu lange gedauert, oder es gab zu viele falsche Codes. '
        . 'Bitte beginnen Sie von vorn.',
    'error.name' => 'Ein Name hat 1 bis 100 Zeichen.',
    'error.gone' => 'Das gibt es nicht mehr. Sie sehen jetzt, was da ist.',
    'error.last_remove' => 'Diese Website verlangt einen zweiten Schritt, und das ist Ihr einziger. Richten Sie zuerst '
        . 'einen anderen ein und entfernen Sie dann diesen.',
    'error.last_disable' => 'Diese Website verlangt einen zweiten Schritt, darum lässt er sich nicht ausschalten. Sie '
        . 'können ihn ersetzen: Richten Sie einen anderen ein und entfernen Sie dann den alten.',
    'error.unavailable' => 'Der zweite Schritt lässt sich gerade nicht prüfen, darum kann sich niemand anmelden. '
        . 'Mit Ihrem Konto ist alles in Ordnung. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
    'error.misconfigured' => 'Der zweite Schritt ist auf dieser Website nicht richtig eingerichtet, darum kann sich '
        . 'niemand anmelden. Bitte sagen Sie der Verwaltung Bescheid.',

    'setup.title' => 'Richten Sie Ihre Authenticator-App ein',
    'setup.step' => 'Schritt {number} von {total}',
    'setup.intro' => 'Ab jetzt bestätigen Sie mit einem Code aus einer App auf Ihrem Telefon, dass Sie es sind. '
        . 'Das Einrichten dauert etwa eine Minute.',
    'setup.scan' => 'Scannen Sie den Code',
    'setup.scan_hint' => 'Öffnen Sie eine Authenticator-App, etwa Google Authenticator, FreeOTP oder Aegis, und scannen Sie dieses Bild.',
    'setup.qr_alt' => 'QR-Code, der Ihre Authenticator-App einrichtet. Der Schlüssel darunter bewirkt dasselbe.',
    'setup.open_app' => 'Am Telefon? App öffnen',
    'setup.manual' => 'Scannen geht nicht? Geben Sie diesen Schlüssel in der App ein:',
    'setup.copy' => 'Schlüssel kopieren',
    'setup.enter' => 'Geben Sie den Code aus der App ein',
    'setup.enter_hint' => 'Die App zeigt jetzt sechs Ziffern, die alle 30 Sekunden wechseln.',
    'setup.submit' => 'Bestätigen und weiter',
    'setup.title_choice' => 'Richten Sie einen zweiten Schritt ein',
    'setup.title_email' => 'Richten Sie Codes per E-Mail ein',
    'setup.title_sms' => 'Richten Sie Codes per SMS ein',
    'setup.title_sent' => 'Geben Sie den gesendeten Code ein',
    'setup.intro_replacement' => 'Das hat geklappt. Diese Website verlangt jetzt einen anderen Weg, um zu bestätigen, '
        . 'dass Sie es sind. Bitte richten Sie ihn ein.',
    'setup.choice_intro' => 'Ab jetzt bestätigen Sie mit einem Code, dass Sie es sind. Wählen Sie, wie Sie ihn bekommen; '
        . 'weitere Wege können Sie später hinzufügen.',
    'setup.choice_replacement' => 'Das hat geklappt. Diese Website verlangt jetzt einen anderen Weg, um zu bestätigen, '
        . 'dass Sie es sind. Wählen Sie einen.',
    'setup.about_totp' => 'Eine App auf Ihrem Telefon zeigt die Codes. Geht ohne Empfang und ist der sicherste dieser Wege.',
    'setup.about_email' => 'Wir senden Ihnen jedes Mal einen Code.',
    'setup.about_sms' => 'Wir senden jedes Mal einen Code an Ihr Telefon.',
    'setup.instead_totp' => 'Stattdessen eine Authenticator-App verwenden',
    'setup.instead_email' => 'Codes stattdessen per E-Mail bekommen',
    'setup.instead_sms' => 'Codes stattdessen per SMS bekommen',
    'setup.intro_email' => 'Wir senden einen Code an Ihre Adresse, um sicher zu sein, dass er Sie erreicht. Von da an '
        . 'bekommen Sie bei jeder Anmeldung einen.',
    'setup.intro_sms' => 'Wir senden einen Code an Ihr Telefon, um sicher zu sein, dass er Sie erreicht. Von da an '
        . 'bekommen Sie bei jeder Anmeldung einen.',
    'setup.known_email' => 'Die Adresse Ihres Kontos:',
    'setup.known_sms' => 'Die Nummer Ihres Kontos:',
    'setup.send_to' => 'Code an {destination} senden',
    'setup.email' => 'E-Mail-Adresse',
    'setup.other_email' => 'Oder eine andere E-Mail-Adresse',
    'setup.phone' => 'Telefonnummer',
    'setup.other_phone' => 'Oder eine andere Telefonnummer',
    'setup.country' => 'Land der Telefonnummer',
    'setup.country_none' => 'Die Nummer beginnt mit + und der Landesvorwahl',
    'setup.change_email' => 'Eine andere Adresse verwenden',
    'setup.change_phone' => 'Eine andere Nummer verwenden',

    'code.title' => 'Geben Sie Ihren Code ein',
    'code.intro' => 'Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für diese Website zeigt.',
    'code.label' => 'Sechsstelliger Code',
    'code.submit' => 'Anmelden',
    'code.use_recovery' => 'Kein Telefon zur Hand? Wiederherstellungscode verwenden',
    'code.cancel' => 'Abbrechen und zurück',
    'code.intro_email' => 'Wir haben sechs Ziffern an {destination} gesendet. Sie gelten zehn Minuten.',
    'code.intro_sms' => 'Wir haben eine SMS mit sechs Ziffern an {destination} gesendet. Sie gelten zehn Minuten.',
    'code.confirm' => 'Bestätigen',
    'code.use_app' => 'Ihre Authenticator-App verwenden',
    'code.use_email' => 'Code per E-Mail an {destination} bekommen',
    'code.use_sms' => 'Code per SMS an {destination} bekommen',
    'code.use_pass' => 'Den Einmalpass der Verwaltung verwenden',
    'code.trust.one' => 'Diesem Browser einen Tag lang vertrauen',
    'code.trust.other' => 'Diesem Browser {count} Tage lang vertrauen',
    'code.trust_hint' => 'So lange genügt hier Ihr Passwort. Setzen Sie den Haken nur auf einem eigenen Gerät.',

    'sent.offer_email' => 'Wir senden sechs Ziffern per E-Mail an {destination}.',
    'sent.offer_sms' => 'Wir senden sechs Ziffern per SMS an {destination}.',
    'sent.send' => 'Code senden',
    'sent.missing' => 'Nichts angekommen?',
    'sent.resend_after' => 'In {duration} können Sie einen weiteren Code anfordern.',
    'sent.resend' => 'Weiteren Code senden',

    'pass.title' => 'Verwenden Sie Ihren Einmalpass',
    'pass.intro' => 'Geben Sie den Pass ein, den Sie von der Verwaltung bekommen haben. Er gilt einmal; danach richten '
        . 'Sie einen neuen zweiten Schritt ein.',
    'pass.label' => 'Einmalpass',

    'recovery.title' => "Wiederherstellungs\u{AD}code verwenden",
    'recovery.intro' => 'Geben Sie einen der Codes ein, die Sie beim Einrichten gesichert haben. Jeder gilt einmal.',
    'recovery.label' => 'Wiederherstellungscode',
    'recovery.remaining.one' => 'Sie haben noch einen Wiederherstellungscode.',
    'recovery.remaining.other' => 'Sie haben noch {count} Wiederherstellungscodes.',
    'recovery.submit' => 'Anmelden',
    'recovery.use_app' => 'Stattdessen die Authenticator-App verwenden',
    'recovery.use_other' => 'Stattdessen einen anderen Weg verwenden',

    'codes.title' => "Sichern Sie Ihre Wiederherstellungs\u{AD}codes",
    'codes.intro' => 'Wenn Sie Ihr Telefon verlieren, kommen Sie mit einem dieser Codes hinein. Jeder gilt einmal. '
        . 'Wir zeigen sie nur jetzt: Bewahren Sie sie dort auf, wo Sie sie auch ohne Telefon finden.',
    'codes.list' => 'Ihre Wiederherstellungscodes',
    'codes.copy' => 'Kopieren',
    'codes.print' => 'Drucken',
    'codes.download' => 'Herunterladen',
    'codes.saved' => 'Ich habe diese Codes gesichert',
    'codes.saved_missing' => 'Bitte sichern Sie die Codes zuerst und setzen Sie dann den Haken.',
    'codes.continue' => 'Weiter',
    'codes.file' => "Wiederherstellungscodes für {user} bei {site}\nJeder gilt einmal. Bewahren Sie sie sicher auf.\n\n{codes}\n",

    'method.totp' => 'Authenticator-App',
    'method.email' => 'E-Mail',
    'method.sms' => 'SMS',
    'method.webauthn' => 'Passkey',
    'method.other' => 'Anderer Weg',

    'notice.few_recovery_codes.one' => 'Sie haben noch einen Wiederherstellungscode. Erzeugen Sie neue auf der Seite '
        . '„Sicherheit“.',
    'notice.few_recovery_codes.other' => 'Sie haben noch {count} Wiederherstellungscodes. Erzeugen Sie neue auf der '
        . 'Seite „Sicherheit“.',
    'notice.no_recovery_codes' => 'Das war Ihr letzter Wiederherstellungscode. Erzeugen Sie neue auf der Seite '
        . '„Sicherheit“.',
    'notice.added' => 'Es ist eingerichtet. Sie können es ab der nächsten Anmeldung verwenden.',
    'notice.renamed' => 'Der Name wurde geändert.',
    'notice.removed' => 'Es wurde entfernt.',
    'notice.preferred' => 'Ab jetzt werden Sie zuerst danach gefragt.',
    'notice.renewed' => 'Diese Wiederherstellungscodes ersetzen alle früheren.',
    'notice.disabled' => 'Die Multi-Faktor-Authentifizierung ist aus. Ihr Konto schützt jetzt nur noch Ihr Passwort.',
    'notice.forgotten' => 'Diesem Browser wird nicht mehr vertraut.',
    'notice.forgotten_all' => 'Keinem Browser wird mehr vertraut.',

    'grace.title' => 'Richten Sie bald einen zweiten Schritt ein',
    'grace.intro' => 'Diese Website wird bei der Anmeldung einen zweiten Schritt verlangen. Sie haben bis {date} Zeit, '
        . 'ihn einzurichten.',
    'grace.hint' => 'Es dauert etwa eine Minute. Ab diesem Tag können Sie sich nicht mehr ohne ihn anmelden.',
    'grace.set_up' => 'Jetzt einrichten',
    'grace.later' => 'Später',

    'security.title' => 'Sicherheit',
    'security.on' => 'Die Multi-Faktor-Authentifizierung ist an',
    'security.off_state' => 'Die Multi-Faktor-Authentifizierung ist aus',
    'security.on_hint' => 'Bei der Anmeldung brauchen Sie Ihr Passwort und eines davon.',
    'security.off_hint' => 'Ihr Konto schützt nur Ihr Passwort. Ein zweiter Schritt hält andere fern, auch wenn sie es '
        . 'erfahren.',
    'security.required' => 'Diese Website verlangt einen zweiten Schritt.',
    'security.off' => 'Auf dieser Website kümmert sich die Verwaltung um den zweiten Schritt. Bitte wenden Sie sich an '
        . 'sie, wenn Sie etwas ändern möchten.',
    'security.ways' => 'Ihre Wege der Bestätigung',
    'security.created' => 'Eingerichtet am {date}',
    'security.last_used' => 'zuletzt verwendet am {date}',
    'security.never_used' => 'noch nicht verwendet',
    'security.preferred_badge' => 'Wird zuerst gefragt',
    'security.rename' => 'Umbenennen',
    'security.rename_for' => '{name} umbenennen',
    'security.remove' => 'Entfernen',
    'security.remove_for' => '{name} entfernen',
    'security.add' => 'Weiteren Weg hinzufügen',
    'security.set_up' => 'Zweiten Schritt einrichten',
    'security.preferred' => 'Bei der Anmeldung zuerst gefragt',
    'security.save' => 'Speichern',
    'security.codes' => 'Wiederherstellungscodes',
    'security.codes_hint' => 'Mit ihnen kommen Sie hinein, wenn Sie alles andere verloren haben.',
    'security.codes_left.one' => 'Einer ist übrig.',
    'security.codes_left.other' => '{count} sind übrig.',
    'security.codes_few' => 'Erzeugen Sie bald neue.',
    'security.codes_renew' => 'Neue Wiederherstellungscodes erzeugen',
    'security.devices' => 'Vertraute Browser',
    'security.devices_hint' => 'In diesen Browsern genügt eine Zeit lang Ihr Passwort.',
    'security.no_devices' => 'Keinem Browser wird vertraut.',
    'security.device_unknown' => 'Ein Browser',
    'security.device_times' => 'Vertraut seit {created}, bis {expires}',
    'security.forget' => 'Nicht mehr vertrauen',
    'security.forget_for' => '{name} nicht mehr vertrauen',
    'security.forget_all' => 'Keinem mehr vertrauen',
    'security.disable' => 'Multi-Faktor-Authentifizierung ausschalten',
    'security.disable_required' => 'Diese Website verlangt einen zweiten Schritt, darum können Sie ihn nicht '
        . 'ausschalten. Um ihn zu ersetzen, fügen Sie einen weiteren Weg hinzu und entfernen Sie dann den alten.',
    'security.replace' => 'Ersatz hinzufügen',
    'security.step_up' => 'Bitte bestätigen Sie noch einmal, dass Sie es sind.',
    'security.step_up_stronger' => 'Ein Wiederherstellungscode oder Einmalpass genügt dafür nicht. Bitte bestätigen Sie '
        . 'auf einem anderen Weg, dass Sie es sind.',
    'security.unavailable' => 'Das lässt sich gerade nicht anzeigen oder ändern. Mit Ihrem Konto ist alles in Ordnung. '
        . 'Bitte versuchen Sie es in ein paar Minuten noch einmal.',
    'security.misconfigured' => 'Der zweite Schritt ist auf dieser Website nicht richtig eingerichtet. Bitte sagen Sie '
        . 'der Verwaltung Bescheid.',
    'security.back' => 'Zurück zu Sicherheit',

    'rename.title' => 'Umbenennen',
    'rename.label' => 'Name',
    'rename.hint' => 'Etwas, das es von den anderen unterscheidet, etwa „Diensttelefon“.',
    'rename.submit' => 'Namen speichern',

    'forget.title' => 'Diesen Weg entfernen?',
    'forget.intro' => '{name} gilt sofort nicht mehr.',
    'forget.last' => 'Es ist der einzige. Mit ihm gehen Ihre Wiederherstellungscodes und die Browser, denen Sie '
        . 'vertrauen, und Ihr Konto schützt nur noch Ihr Passwort.',
    'forget.submit' => 'Entfernen',

    'renew.title' => 'Neue Wiederherstellungscodes erzeugen?',
    'renew.intro' => 'Sie bekommen zehn neue, die einmal gezeigt werden. Alle früheren Codes gelten nicht mehr.',
    'renew.submit' => 'Neue Codes erzeugen',

    'disable.title' => 'Multi-Faktor-Authentifizierung ausschalten?',
    'disable.intro' => 'Alles, was Sie eingerichtet haben, wird gelöscht: Apps, Adressen, Nummern, '
        . 'Wiederherstellungscodes und vertraute Browser. Von da an schützt nur noch Ihr Passwort Ihr Konto.',
    'disable.submit' => 'Multi-Faktor-Authentifizierung ausschalten',

    'common.copied' => 'Kopiert',
    'common.copy_failed' => 'Das Kopieren hat nicht geklappt. Bitte markieren und kopieren Sie es selbst.',

    'admin.title' => 'Multi-Faktor-Authentifizierung',
    'admin.policy' => 'Anmeldung',
    'admin.mode' => 'Multi-Faktor-Authentifizierung',
    'admin.mode_hint' => 'Eine Änderung gilt ab der nächsten Anmeldung. Wer angemeldet ist, bleibt angemeldet.',
    'admin.choice.disabled' => 'Aus',
    'admin.choice.totp-required' => 'TOTP ist Pflicht',
    'admin.choice.other' => 'Andere Regeln',
    'admin.save' => 'Speichern',
    'admin.saved' => 'Gespeichert. Es gilt ab der nächsten Anmeldung.',
    'admin.conflict' => 'Inzwischen hat jemand anders das geändert, darum wurde nichts gespeichert. '
        . 'Sie sehen jetzt die aktuelle Einstellung: Wählen Sie neu, wenn Sie sie ändern möchten.',
    'admin.choice_missing' => 'Wählen Sie zuerst eine der Einstellungen.',
    'admin.failed' => 'Das ging nicht: Der Dienst hat nicht geantwortet, wie er soll. '
        . 'Es wurde nichts geändert. Die Ursache steht im Protokoll.',
    'admin.unreachable' => 'Der Multi-Faktor-Dienst ist gerade nicht erreichbar. Bis er wieder da ist, kann sich niemand '
        . 'anmelden. Die Ursache steht im Protokoll.',
    'admin.misconfigured' => 'Der Verwaltungsschlüssel für den Multi-Faktor-Dienst fehlt oder wird nicht angenommen. '
        . 'Bitte prüfen Sie die Konfiguration.',

    'admin.rules_invalid' => 'Diese Regeln passen nicht zusammen, darum wurde nichts gespeichert. Wählen Sie mindestens ein '
        . 'Verfahren, und Tage als ganze Zahlen bis 365.',
    'admin.replace_weak' => 'Schwache importierte Geheimnisse ersetzen',
    'admin.replace_weak_hint' => 'Geheimnisse aus einem anderen System können kürzer sein, als sie sollten. Wer sich mit einem '
        . 'solchen anmeldet, richtet dabei einen neuen Authenticator ein.',

    'connection.good_bridge' => 'Der Dienst antwortet (Version {version}) und nimmt den Bridge-Schlüssel an, für seine '
        . 'Site „{site}“.',
    'connection.good_admin' => 'Der Dienst antwortet (Version {version}) und nimmt den Admin-Schlüssel an, für seine '
        . 'Site „{site}“.',
    'connection.key_bridge' => 'Der Dienst antwortet, nimmt aber den Bridge-Schlüssel nicht an: Er ist falsch, abgelaufen oder '
        . 'widerrufen.',
    'connection.key_admin' => 'Der Dienst antwortet, nimmt aber den Admin-Schlüssel nicht an: Er ist falsch, abgelaufen oder '
        . 'widerrufen.',
    'connection.role_bridge' => 'Der Bridge-Schlüssel gehört zu diesem Dienst, hat aber die Rolle „bridge“ nicht.',
    'connection.role_admin' => 'Der Admin-Schlüssel gehört zu diesem Dienst, hat aber die Rolle „admin“ nicht.',
    'connection.none_bridge' => 'Es gibt noch keinen Bridge-Schlüssel.',
    'connection.none_admin' => 'Es gibt noch keinen Admin-Schlüssel.',
    'connection.malformed' => 'Die Adresse hat die Form http://…, https://… oder unix:/pfad.sock, und ein Schlüssel enthält '
        . 'keine Leerzeichen.',
    'connection.two_sites' => 'Der Admin-Schlüssel gehört zu einer anderen Site des Dienstes als der Bridge-Schlüssel.',
    'connection.other_address' => 'Gespeicherte Schlüssel gehen an die Adresse, mit der sie gespeichert wurden, und an keine '
        . 'andere: Geben Sie sie für eine andere Adresse neu ein. Wenn die Schlüssel in einer Konfigurationsdatei stehen, gehört '
        . 'die Adresse auch dorthin.',
    'connection.unreachable' => 'Der Multi-Faktor-Dienst antwortet nicht, wie er soll. Läuft er, und stimmt seine Adresse? '
        . 'Die Ursache steht im Protokoll.',

    'users.title' => 'Personen',
    'users.name' => 'Person',
    'users.state' => 'Zweiter Schritt',
    'users.actions' => 'Aktionen',
    'users.enrolled' => 'Eingerichtet',
    'users.not_enrolled' => 'Nicht eingerichtet',
    'users.locked' => 'Gesperrt bis {time} UTC',
    'users.locked_for_good' => 'Gesperrt, bis Sie entsperren',
    'users.remove' => 'Authenticator entfernen',
    'users.remove_for' => 'Authenticator von {user} entfernen',
    'users.unlock' => 'Entsperren',
    'users.unlock_for' => '{user} entsperren',
    'users.unlocked' => '{user} kann es jetzt wieder versuchen.',
    'users.removed' => 'Der Authenticator von {user} wurde entfernt.',
    'users.nothing_removed' => '{user} hatte keinen Authenticator.',

    'remove.title' => 'Den Authenticator von {user} entfernen?',
    'remove.intro' => 'Tun Sie das, wenn {user} das Telefon verloren hat. App, Wiederherstellungscodes und '
        . 'vertrauenswürdige Geräte gelten sofort nicht mehr. Wo ein zweiter Schritt Pflicht ist, richtet {user} ihn '
        . 'bei der nächsten Anmeldung neu ein.',
    'remove.warning' => 'Vergewissern Sie sich, dass wirklich {user} Sie darum gebeten hat: Bis zum neuen Einrichten '
        . 'schützt nur das Passwort dieses Konto.',
    'remove.confirm' => 'Authenticator entfernen',
    'remove.cancel' => 'Behalten',
];
