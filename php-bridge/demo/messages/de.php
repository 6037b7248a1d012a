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
    'home.by.enrolled' => 'Sie haben sich mit Ihrem Passwort angemeldet und Ihre Authenticator-App eingerichtet. '
        . 'Ab dem nächsten Mal gibt Ihnen die App den Code.',
    'home.by.one_time_pass' => 'Sie haben sich mit Ihrem Passwort und einem Einmalpass angemeldet.',
    'home.by.other' => 'Sie haben sich mit Ihrem Passwort und einem zweiten Schritt angemeldet.',
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
