<?php

return [
    'site.name' => 'Harbour',
    'site.tagline' => 'A demonstration site for mfa-sidecar',
    'site.skip' => 'Skip to the content',
    'site.admin' => 'Administration',
    'site.sign_out' => 'Sign out',
    'site.signed_in_as' => 'Signed in as {user}',

    'welcome.title' => 'A second step for every login',
    'welcome.intro' => 'Harbour is a small site with its own users and its own login form. It shows how a site adds '
        . 'multi-factor authentication with mfa-sidecar: the site checks the password, the sidecar checks the code.',
    'welcome.sign_in' => 'Sign in to try it',
    'welcome.tour' => 'A tour in four steps',
    'welcome.tour.1' => 'Sign in as {admin}, open {page}, choose {choice} and save. Then sign out.',
    'welcome.tour.2' => 'Sign in as {alice}. You set up an authenticator app and save your recovery codes.',
    'welcome.tour.3' => 'Sign out and in again: now the site asks for a code. Try a recovery code, too.',
    'welcome.tour.4' => 'Lost the phone? As {admin}, remove the authenticator: at the next sign-in it is set up again.',
    'welcome.users' => 'Who you can be',
    'welcome.user' => 'User name',
    'welcome.role' => 'Role',
    'welcome.password' => 'Password',
    'welcome.role.administrator' => 'Administrator',
    'welcome.role.member' => 'Member',
    'welcome.users_note' => 'These are the passwords of a fresh demonstration; whoever runs it may have chosen others.',

    'sign-in.title' => 'Sign in',
    'sign-in.username' => 'User name',
    'sign-in.password' => 'Password',
    'sign-in.submit' => 'Sign in',
    'sign-in.rejected' => 'The user name or the password is not right. Please check both and try again.',
    'sign-in.signed_out' => 'You are signed out.',
    'sign-in.who' => 'New here? See who you can be',

    'home.title' => 'Welcome, {user}',
    'home.signed_in' => 'You are signed in.',
    'home.by.password' => 'You signed in with your password alone.',
    'home.by.totp' => 'You signed in with your password and a code from your authenticator app.',
    'home.by.recovery_code' => 'You signed in with your password and a recovery code. That code is used up now.',
    'home.by.enrolled' => 'You signed in with your password and have set up your authenticator app. '
        . 'From the next time on, the app gives you the code.',
    'home.by.one_time_pass' => 'You signed in with your password and a one-time pass.',
    'home.by.other' => 'You signed in with your password and a second step.',
    'home.admin' => 'Administration',
    'home.admin_text' => 'Decide whether a second step is required, and help those who have lost their phone.',
    'home.admin_link' => 'Multi-Factor Authentication',

    'messages.link' => 'Mail and text messages',
    'messages.title' => 'Mail and text messages',
    'messages.intro' => 'In this demonstration nothing leaves the computer: what the service sends by mail or text message '
        . 'is shown here, the newest first. No real site has such a page.',
    'messages.none' => 'Nothing was sent yet.',
    'messages.mail' => 'Mail to',
    'messages.sms' => 'Text message to',
    'messages.at' => '{time} UTC',

    'problem.blocked' => 'Signing in is not possible right now',
    'problem.try_again' => 'Try again',
    'problem.to_start' => 'Go to the start page',
    'problem.stale' => 'This page is too old',
    'problem.stale_text' => 'You may have signed in or out in another window since you opened it, so nothing was done. '
        . 'Please start again.',
    'problem.not_found' => 'There is no such page',
    'problem.not_found_text' => 'The address may be mistyped, or the page has gone.',
    'problem.forbidden' => 'This page is for administrators',
    'problem.forbidden_text' => 'Your account may not open it.',
];
