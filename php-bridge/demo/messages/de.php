<?php

return [
    'site.name' => 'Harbour',
    'site.tagline' => 'Eine Vorführung von mfa-sidecar',
    'site.skip' => 'Zum Inhalt springen',
    'site.admin' => 'Verwaltung',
    'site.sign_out' => 'Abmelden',
    'site.signed_in_as' => 'Angemeldet als {user}',

    'welcome.title' => 'Ein zweiter Schritt für jede Anmeldung',
    'welcome.intro' => 'Harbour ist eine kleine Website mit eigenen Personen und eigener Anmeldung. Sie zeigt, wie eine '
        . 'Website mit mfa-sidecar Multi-Faktor-Authentifizierung bekommt: Die Website prüft das Passwort, der Sidecar den Code.',
    'welcome.sign_in' => 'Anmelden und ausprobieren',
    'welcome.tour' => 'Ein Rundgang in vier Schritten',
    'welcome.tour.1' => 'Melden Sie sich als {admin} an, öffnen Sie {page}, wählen Sie {choice} und speichern Sie. '
        . 'Melden Sie sich dann ab.',
    'welcome.tour.2' => 'Melden Sie sich als {alice} an. Sie richten eine Authenticator-App ein und sichern Ihre '
        . 'Wiederherstellungscodes.',
    'welcome.tour.3' => 'Melden Sie sich ab und wieder an: Jetzt fragt die Website nach einem Code. '
        . 'Versuchen Sie auch einen Wiederherstellungscode.',
    'welcome.tour.4' => 'Telefon verloren? Entfernen Sie als {admin} den Authenticator: Bei der nächsten Anmeldung wird '
        . 'er neu eingerichtet.',
    'welcome.users' => 'Wer Sie sein können',
    'welcome.user' => 'Benutzername',
    'welcome.role' => 'Rolle',
    'welcome.password' => 'Passwort',
    'welcome.role.administrator' => 'Verwaltung',
    'welcome.role.member' => 'Mitglied',
    'welcome.users_note' => 'Das sind die Passwörter einer frischen Vorführung; wer sie betreibt, kann andere gewählt haben.',

    'sign-in.title' => 'Anmelden',
    'sign-in.username' => 'Benutzername',
    'sign-in.password' => 'Passwort',
    'sign-in.submit' => 'Anmelden',
    'sign-in.rejected' => 'Benutzername oder Passwort stimmt nicht. Bitte prüfen Sie beides und versuchen Sie es noch einmal.',
    'sign-in.signed_out' => 'Sie sind abgemeldet.',
    'sign-in.who' => 'Neu hier? Sehen Sie, wer Sie sein können',

    'home.title' => 'Willkommen, {user}',
    'home.signed_in' => 'Sie sind angemeldet.',
    'home.by.password' => 'Sie haben sich nur mit Ihrem Passwort angemeldet.',
    'home.by.totp' => 'Sie haben sich mit Ihrem Passwort und einem Code aus Ihrer Authenticator-App angemeldet.',
    'home.by.recovery_code' => 'Sie haben sich mit Ihrem Passwort und einem Wiederherstellungscode angemeldet. '
        . 'Dieser Code ist nun verbraucht.',
    'home.by.enrolled' => 'Sie haben sich mit Ihrem Passwort angemeldet und einen zweiten Schritt eingerichtet. Ab dem '
        . 'nächsten Mal werden Sie danach gefragt.',
    'home.by.one_time_pass' => 'Sie haben sich mit Ihrem Passwort und einem Einmalpass angemeldet.',
    'home.by.email' => 'Sie haben sich mit Ihrem Passwort und einem Code per E-Mail angemeldet.',
    'home.by.sms' => 'Sie haben sich mit Ihrem Passwort und einem Code per SMS angemeldet.',
    'home.by.trusted_device' => 'Sie haben sich mit Ihrem Passwort angemeldet. Diesem Browser wird vertraut, darum war '
        . 'kein Code nötig.',
    'home.by.grace_period' => 'Sie haben sich nur mit Ihrem Passwort angemeldet. Bald ist ein zweiter Schritt Pflicht.',
    'home.by.not_enrolled' => 'Sie haben sich nur mit Ihrem Passwort angemeldet. Sie können einen zweiten Schritt '
        . 'einrichten.',
    'home.by.policy_disabled' => 'Sie haben sich nur mit Ihrem Passwort angemeldet.',
    'home.by.exempt' => 'Sie haben sich nur mit Ihrem Passwort angemeldet. Ihre Rolle braucht keinen zweiten Schritt.',
    'home.by.other' => 'Sie haben sich mit Ihrem Passwort und einem zweiten Schritt angemeldet.',
    'home.account' => 'Ihr Konto',
    'home.security' => 'Sicherheit: zweiter Schritt, Wiederherstellungscodes und vertraute Browser',
    'home.admin' => 'Verwaltung',
    'home.admin_text' => 'Legen Sie fest, ob ein zweiter Schritt Pflicht ist, und helfen Sie, wenn ein Telefon verloren ist.',
    'home.admin_link' => 'Multi-Faktor-Authentifizierung',

    'messages.link' => 'E-Mails und SMS',
    'messages.title' => 'E-Mails und SMS',
    'messages.intro' => 'In dieser Vorführung verlässt nichts den Computer: Was der Dienst als E-Mail oder SMS verschickt, '
        . 'steht hier, das Neueste zuerst. Keine wirkliche Website hat eine solche Seite.',
    'messages.none' => 'Es wurde noch nichts verschickt.',
    'messages.mail' => 'E-Mail an',
    'messages.sms' => 'SMS an',
    'messages.at' => '{time} UTC',

    'step-up.title' => 'Bestätigen Sie, dass Sie es sind',
    'step-up.intro' => 'Was Sie vorhaben, betrifft die Sicherheit Ihres Kontos, darum fragen wir noch einmal.',
    'step-up.submit' => 'Weiter',
    'step-up.rejected' => 'Dieses Passwort stimmt nicht. Bitte versuchen Sie es noch einmal.',

    'password.title' => 'Passwort ändern',
    'password.new' => 'Neues Passwort',
    'password.hint' => 'Mindestens 8 Zeichen.',
    'password.again' => 'Neues Passwort, noch einmal',
    'password.submit' => 'Passwort ändern',
    'password.too_short' => 'Ein Passwort hat mindestens 8 Zeichen.',
    'password.differs' => 'Die beiden Passwörter sind nicht gleich.',
    'password.changed' => 'Ihr Passwort wurde geändert. Sie sind überall sonst abgemeldet, und keinem Browser wird mehr '
        . 'vertraut.',

    'export.title' => 'Ihre Daten exportieren',
    'export.intro' => 'Sie bekommen alles, was diese Website über Sie weiß, als JSON-Datei.',
    'export.submit' => 'Datei herunterladen',

    'rules.title' => 'Weitere Regeln',
    'rules.intro' => 'Für das, was die Auswahl oben nicht sagt.',
    'rules.mode.disabled' => 'Aus',
    'rules.mode.optional' => 'Freiwillig: Gefragt wird, wer es eingerichtet hat',
    'rules.mode.required' => 'Pflicht',
    'rules.methods' => 'Methoden, die zählen',
    'rules.methods_hint' => 'NIST SP 800-63B nennt SMS einen eingeschränkten Authenticator, der nur bei akzeptiertem '
        . 'Risiko zu verwenden ist, und zählt E-Mail nicht als zweiten Faktor.',
    'rules.grace' => 'Tage Frist zum Einrichten',
    'rules.trusted' => 'Tage, die einem Browser vertraut werden darf',
    'rules.required' => 'Pflicht nur für diese Rollen',
    'rules.exempt' => 'Rollen, die nicht müssen',
    'rules.people' => 'Was die Personen selbst tun dürfen',
    'rules.self_service' => 'Den eigenen zweiten Schritt einrichten, ändern und entfernen',
    'rules.imported' => 'Importierte Geheimnisse',
    'rules.save' => 'Regeln speichern',

    'issue.link' => 'Einmalpass',
    'issue.for' => 'Einmalpass für {user} ausstellen',
    'issue.title' => 'Ein Einmalpass für {user}',
    'issue.intro' => 'Damit kommt {user} einmal hinein, innerhalb von 15 Minuten und zusammen mit dem Passwort. Gleich '
        . 'danach wird ein neuer zweiter Schritt eingerichtet.',
    'issue.submit' => 'Einmalpass ausstellen',
    'issue.shown' => 'Geben Sie {user} diesen Pass. Er wird nur jetzt gezeigt und gilt bis {time} UTC.',
    'issue.back' => 'Zurück zur Verwaltung',

    'problem.blocked' => 'Die Anmeldung geht gerade nicht',
    'problem.try_again' => 'Noch einmal versuchen',
    'problem.to_start' => 'Zur Startseite',
    'problem.stale' => 'Diese Seite ist zu alt',
    'problem.stale_text' => 'Vielleicht haben Sie sich seitdem in einem anderen Fenster an- oder abgemeldet; es wurde '
        . 'nichts getan. Bitte beginnen Sie von vorn.',
    'problem.not_found' => 'Diese Seite gibt es nicht',
    'problem.not_found_text' => 'Die Adresse kann falsch geschrieben sein, oder die Seite ist weg.',
    'problem.forbidden' => 'Diese Seite ist für die Verwaltung',
    'problem.forbidden_text' => 'Ihr Konto darf sie nicht öffnen.',
];
