<?php

return [
    'duration.seconds.one' => 'one second',
    'duration.seconds.other' => '{count} seconds',
    'duration.minutes.one' => 'one minute',
    'duration.minutes.other' => '{count} minutes',

    'error.heading' => 'There is a problem',
    'error.title_prefix' => 'Error: {title}',
    'error.code_missing' => 'Enter the code.',
    'error.code_malformed' => 'That is not a code. Please check what you entered.',
    'error.code_rejected' => 'That code did not work. Wait for a new one and try again.',
    'error.code_rejected_left.one' => 'That code did not work. You have one more try, then you sign in again.',
    'error.code_rejected_left.other' => 'That code did not work. Wait for a new one; you have {count} tries left.',
    'error.throttled' => 'There were too many wrong codes. For your safety, please wait {duration} and try again.',
    'error.too_many_attempts' => 'There were too many wrong codes. Please sign in again.',
    'error.login_expired' => 'You were away too long, or this sign-in has ended. Please sign in again.',
    'error.already_enrolled' => 'Your account was set up in the meantime. Please sign in again.',
    'error.method' => 'This way to sign in is not available for you. Please use another one.',
    'error.delivery' => 'The code could not be sent. Please try again in a moment.',
    'error.unavailable' => 'We cannot check your second step right now, so nobody can sign in. Nothing is wrong with '
        . 'your account. Please try again in a few minutes.',
    'error.misconfigured' => 'The second step is not set up correctly on this site, so nobody can sign in. '
        . 'Please tell the administrator.',

    'setup.title' => 'Set up your authenticator app',
    'setup.step' => 'Step {number} of {total}',
    'setup.intro' => 'From now on you confirm it is you with a code from an app on your phone. '
        . 'Setting it up takes about a minute.',
    'setup.scan' => 'Scan the code',
    'setup.scan_hint' => 'Open an authenticator app, such as Google Authenticator, FreeOTP or Aegis, and scan this picture.',
    'setup.qr_alt' => 'QR code that sets up your authenticator app. The key below it does the same.',
    'setup.open_app' => 'On your phone? Open the app',
    'setup.manual' => 'Cannot scan it? Enter this key in the app:',
    'setup.copy' => 'Copy the key',
    'setup.enter' => 'Enter the code from the app',
    'setup.enter_hint' => 'The app now shows six digits that change every 30 seconds.',
    'setup.submit' => 'Confirm and continue',

    'code.title' => 'Enter your code',
    'code.intro' => 'Open your authenticator app and enter the six digits that it shows for this site.',
    'code.label' => 'Six-digit code',
    'code.submit' => 'Sign in',
    'code.use_recovery' => 'No phone at hand? Use a recovery code',
    'code.cancel' => 'Cancel and go back',

    'recovery.title' => 'Use a recovery code',
    'recovery.intro' => 'Enter one of the codes that you saved when you set up your app. Each works once.',
    'recovery.label' => 'Recovery code',
    'recovery.remaining.one' => 'You have one recovery code left.',
    'recovery.remaining.other' => 'You have {count} recovery codes left.',
    'recovery.submit' => 'Sign in',
    'recovery.use_app' => 'Use your authenticator app instead',

    'codes.title' => 'Save your recovery codes',
    'codes.intro' => 'If you lose your phone, one of these codes lets you in. Each works once. '
        . 'We show them only now, so keep them where you would find them without your phone.',
    'codes.list' => 'Your recovery codes',
    'codes.copy' => 'Copy',
    'codes.print' => 'Print',
    'codes.download' => 'Download',
    'codes.saved' => 'I have saved these codes',
    'codes.saved_missing' => 'Please save the codes first, then tick the box.',
    'codes.continue' => 'Continue',
    'codes.file' => "Recovery codes for {user} at {site}\nEach works once. Keep them in a safe place.\n\n{codes}\n",

    'common.copied' => 'Copied',
    'common.copy_failed' => 'Copying did not work. Please select and copy it yourself.',

    'admin.title' => 'Multi-Factor Authentication',
    'admin.policy' => 'Signing in',
    'admin.mode' => 'Multi-factor authentication',
    'admin.mode_hint' => 'A change holds from the next sign-in on. Who is signed in stays signed in.',
    'admin.choice.disabled' => 'Disabled',
    'admin.choice.totp-required' => 'TOTP required',
    'admin.choice.other' => 'Other rules, set elsewhere',
    'admin.save' => 'Save',
    'admin.saved' => 'Saved. It holds from the next sign-in on.',
    'admin.conflict' => 'Somebody else has changed this in the meantime, so nothing was saved. '
        . 'You now see the current setting: choose again if you want to change it.',
    'admin.choice_missing' => 'Choose one of the settings first.',
    'admin.failed' => 'That could not be done: the service did not answer as it should. '
        . 'Nothing was changed. The cause is in the log.',
    'admin.unreachable' => 'The multi-factor service cannot be asked right now. Until it is back, nobody can sign in. '
        . 'The cause is in the log.',
    'admin.misconfigured' => 'The administration key for the multi-factor service is missing or not accepted. '
        . 'Please check the configuration.',

    'users.title' => 'Users',
    'users.name' => 'User',
    'users.state' => 'Second step',
    'users.actions' => 'Actions',
    'users.enrolled' => 'Set up',
    'users.not_enrolled' => 'Not set up',
    'users.locked' => 'Locked until {time} UTC',
    'users.locked_for_good' => 'Locked until you unlock it',
    'users.remove' => 'Remove authenticator',
    'users.remove_for' => 'Remove authenticator of {user}',
    'users.unlock' => 'Unlock',
    'users.unlock_for' => 'Unlock {user}',
    'users.unlocked' => '{user} can try again now.',
    'users.removed' => 'The authenticator of {user} was removed.',
    'users.nothing_removed' => '{user} had no authenticator.',

    'remove.title' => 'Remove the authenticator of {user}?',
    'remove.intro' => 'Do this when {user} has lost the phone. The app, the recovery codes and the trusted devices stop '
        . 'working at once. Where a second step is required, {user} sets it up again at the next sign-in.',
    'remove.warning' => 'Make sure that it is really {user} who asked you: until it is set up again, '
        . 'the password alone protects this account.',
    'remove.confirm' => 'Remove authenticator',
    'remove.cancel' => 'Keep it',
];
