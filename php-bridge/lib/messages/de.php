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
    'error.code_rejected_left.one' => 'Dieser Code passt nicht. Sie haben noch einen Versuch, dann melden Sie sich neu an.',
    'error.code_rejected_left.other' => 'Dieser Code passt nicht. Warten Sie auf einen neuen; Sie haben noch {count} Versuche.',
    'error.throttled' => 'Es gab zu viele falsche Codes. Bitte warten Sie zu Ihrer Sicherheit {duration} und versuchen '
        . 'Sie es dann noch einmal.',
    'error.too_many_attempts' => 'Es gab zu viele falsche Codes. Bitte melden Sie sich neu an.',
    'error.login_expired' => 'Sie waren zu lange weg, oder diese Anmeldung ist beendet. Bitte melden Sie sich neu an.',
    'error.already_enrolled' => 'Ihr Konto wurde inzwischen eingerichtet. Bitte melden Sie sich neu an.',
    'error.method' => 'Dieser Weg steht Ihnen nicht offen. Bitte nehmen Sie einen anderen.',
    'error.delivery' => 'Der Code konnte nicht gesendet werden. Bitte versuchen Sie es gleich noch einmal.',
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

    'code.title' => 'Geben Sie Ihren Code ein',
    'code.intro' => 'Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für diese Website zeigt.',
    'code.label' => 'Sechsstelliger Code',
    'code.submit' => 'Anmelden',
    'code.use_recovery' => 'Kein Telefon zur Hand? Wiederherstellungscode verwenden',
    'code.cancel' => 'Abbrechen und zurück',

    'recovery.title' => "Wiederherstellungs\u{AD}code verwenden",
    'recovery.intro' => 'Geben Sie einen der Codes ein, die Sie beim Einrichten gesichert haben. Jeder gilt einmal.',
    'recovery.label' => 'Wiederherstellungscode',
    'recovery.remaining.one' => 'Sie haben noch einen Wiederherstellungscode.',
    'recovery.remaining.other' => 'Sie haben noch {count} Wiederherstellungscodes.',
    'recovery.submit' => 'Anmelden',
    'recovery.use_app' => 'Stattdessen die Authenticator-App verwenden',

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

    'common.copied' => 'Kopiert',
    'common.copy_failed' => 'Das Kopieren hat nicht geklappt. Bitte markieren und kopieren Sie es selbst.',

    'admin.title' => 'Multi-Faktor-Authentifizierung',
    'admin.policy' => 'Anmeldung',
    'admin.mode' => 'Multi-Faktor-Authentifizierung',
    'admin.mode_hint' => 'Eine Änderung gilt ab der nächsten Anmeldung. Wer angemeldet ist, bleibt angemeldet.',
    'admin.choice.disabled' => 'Aus',
    'admin.choice.totp-required' => 'TOTP ist Pflicht',
    'admin.choice.other' => 'Andere Regeln, anderswo festgelegt',
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
