// The project in one story: an administrator requires TOTP, a user is made to enrol, signs in with codes from then on,
// loses the phone and is reset.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { enroll, scan, story } from './telling.js';

story('from "TOTP required" to a lost phone', async (step, world, newPerson) => {
  const admin = await newPerson();
  const alice = await newPerson();
  let phone, firstPhone, recoveryCodes;

  await step('before the policy a password is enough', async () => {
    await alice.page.goto('/');
    await alice.assertOn('welcome');
    await alice.inspect('welcome');
    await alice.get('go-to-sign-in').click();
    await alice.assertOn('sign-in');
    await alice.inspect('sign-in');
    await alice.signIn('alice', 'not her password');
    await alice.assertOn('sign-in');
    assert.ok(await alice.error());
    await alice.inspect('sign-in-refused');
    await alice.signIn('alice');
    await alice.assertOn('home');
    await alice.signOut();
  });

  await step('the administrator sets "TOTP required"', async () => {
    await admin.signIn('admin');
    await admin.assertOn('home');
    await admin.get('admin-link').click();
    await admin.assertOn('admin');
    assert.equal(await admin.get('policy-mode').inputValue(), 'disabled');
    await admin.choosePolicy('totp-required');
    assert.equal(await admin.get('state-2').getAttribute('data-state'), 'not-enrolled');
    assert.equal(await admin.get('remove-2').count(), 0);
    await admin.inspect('admin-policy-saved');
    const { body } = await world.api('GET', '/v1/policy');
    assert.equal(body.mode, 'required');
    assert.deepEqual(body.methods, ['totp']);
  });

  await step('alice is made to enrol', async () => {
    await alice.page.goto('/login');
    const sessionAtLogin = await alice.session();
    await alice.signIn('alice');
    phone = await scan(alice);
    assert.equal(phone.type, 'totp');
    assert.match(phone.secret, /^[A-Z2-7]{32}$/, '160 bits in unpadded base32');
    assert.match(phone.label, new RegExp(`^${phone.issuer}:\\s?alice$`));
    assert.match(await alice.get('secret').innerText(), /^([A-Z2-7]{4}\s){7}[A-Z2-7]{4}$/, 'groups of four');
    assert.equal(await alice.get('code').getAttribute('autocomplete'), 'one-time-code');
    assert.equal(await alice.get('code').getAttribute('inputmode'), 'numeric');
    assert.equal(await alice.isSignedIn(), false);
    await alice.inspect('setup');
    const sessionAtSetup = await alice.session();
    assert.notEqual(sessionAtSetup, sessionAtLogin, 'the password renews the session');

    await alice.page.reload();
    assert.equal((await scan(alice)).secret, phone.secret, 'a reload keeps the secret');

    await alice.get('copy-secret').click();
    assert.equal(await alice.clipboard(), phone.secret);

    // The code must be found in dark mode as well.
    await alice.page.emulateMedia({ colorScheme: 'dark' });
    assert.equal((await scan(alice)).secret, phone.secret);
    await alice.page.emulateMedia({ colorScheme: 'light' });

    await alice.enterCode(phone.wrongCode());
    await alice.assertOn('setup');
    assert.match(await alice.error(), /\b4\b/, 'the attempts that remain');
    assert.equal((await scan(alice)).secret, phone.secret, 'a wrong code keeps the secret');
    await alice.inspect('setup-refused');

    await alice.enterCode(phone.nextCode());
    await alice.assertOn('recovery-codes');
    assert.notEqual(await alice.session(), sessionAtSetup, 'the second factor renews the session');
  });

  await step('she keeps her recovery codes, shown once', async () => {
    const shown = await alice.get('recovery-code').allInnerTexts();
    assert.equal(new Set(shown).size, 10);
    await alice.inspect('recovery-codes');

    await alice.get('copy-codes').click();
    for (const code of shown) assert.ok((await alice.clipboard()).includes(code.trim()));

    const download = alice.page.waitForEvent('download');
    await alice.get('download-codes').click();
    const text = readFileSync(await (await download).path(), 'utf8');
    for (const code of shown) assert.ok(text.includes(code.trim()), `${code} is not in the file`);

    recoveryCodes = await alice.keepRecoveryCodes();
    assert.deepEqual(recoveryCodes, shown.map((code) => code.trim()));
    await alice.inspect('home');
    await alice.page.goto('/recovery-codes');
    assert.equal(await alice.get('recovery-code').count(), 0, 'the codes are gone');
    await alice.page.goto('/');
    await alice.signOut();
    assert.equal(await alice.isSignedIn(), false);
  });

  await step('from then on she signs in with a code, once each', async () => {
    await alice.signIn('alice');
    await alice.assertOn('code');
    assert.equal(await alice.isSignedIn(), false);
    assert.equal(await alice.get('code').getAttribute('autocomplete'), 'one-time-code');
    await alice.inspect('code');
    const pending = await alice.session();

    await alice.enterCode(phone.spentCode());
    await alice.assertOn('code');
    assert.match(await alice.error(), /\b4\b/, 'the code that confirmed the enrolment is spent');
    await alice.enterCode(phone.wrongCode());
    await alice.assertOn('code');
    assert.match(await alice.error(), /\b3\b/);
    assert.equal(await alice.isSignedIn(), false);
    await alice.inspect('code-refused');

    await alice.enterCode(phone.nextCode());
    await alice.assertOn('home');
    assert.notEqual(await alice.session(), pending);
    await alice.signOut();
  });

  await step('without the phone a recovery code lets her in, once', async () => {
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.get('use-recovery-code').click();
    await alice.assertOn('recovery');
    await alice.inspect('recovery');
    await alice.get('use-app-code').click();
    await alice.assertOn('code');
    await alice.enterRecoveryCode(recoveryCodes[0]);
    await alice.assertOn('home');
    await alice.signOut();

    await alice.signIn('alice');
    await alice.enterRecoveryCode(recoveryCodes[0]);
    await alice.assertOn('recovery');
    assert.ok(await alice.error());
    await alice.inspect('recovery-refused');
    await alice.get('cancel').click();
    await alice.assertOn('sign-in');
    assert.equal(await alice.isSignedIn(), false);
  });

  await step('the phone is lost: the administrator removes the authenticator', async () => {
    await admin.page.goto('/admin/mfa');
    assert.equal(await admin.get('state-2').getAttribute('data-state'), 'enrolled');
    await admin.inspect('admin');
    await admin.get('remove-2').click();
    await admin.assertOn('remove');
    await admin.inspect('remove');
    await admin.get('cancel-remove').click();
    await admin.assertOn('admin');
    await admin.get('remove-2').click();
    await admin.get('confirm-remove').click();
    await admin.assertOn('admin');
    await admin.get('notice').waitFor();
    assert.equal(await admin.get('state-2').getAttribute('data-state'), 'not-enrolled');

    firstPhone = phone;
    ({ phone } = await enroll(alice, 'alice'));
    assert.notEqual(phone.secret, firstPhone.secret);
    await alice.signOut();
  });

  await step('lost again: an API client removes it', async () => {
    assert.deepEqual(await world.api('DELETE', '/v1/users/2/authenticators'), { status: 200, body: { removed: 1 } });
    const secondPhone = phone;
    ({ phone } = await enroll(alice, 'alice'));
    assert.ok(![firstPhone.secret, secondPhone.secret].includes(phone.secret));
    await alice.signOut();
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('home');
  });

  await step('every step stands in the audit, and no secret does', async () => {
    const { status, body } = await world.api('GET', '/v1/audit-events?limit=200');
    assert.equal(status, 200);
    const text = JSON.stringify(body);
    for (const secret of [phone.secret, firstPhone.secret, ...recoveryCodes]) assert.ok(!text.includes(secret));
    assert.ok(text.includes('"2"'), 'no event names alice');
  });
});

story('the whole journey works without JavaScript', async (step, world, newPerson) => {
  const admin = await newPerson({ javaScriptEnabled: false });
  const bob = await newPerson({ javaScriptEnabled: false });

  await admin.signIn('admin');
  await admin.assertOn('home');
  await admin.choosePolicy('totp-required');

  await bob.signIn('bob');
  const scanned = await scan(bob);
  for (const scriptOnly of ['copy-secret']) assert.equal(await bob.get(scriptOnly).isVisible(), false);
  await bob.enterCode(scanned.wrongCode());
  assert.match(await bob.error(), /\b4\b/);
  await bob.enterCode(scanned.nextCode());
  await bob.assertOn('recovery-codes');
  for (const scriptOnly of ['copy-codes', 'print-codes']) assert.equal(await bob.get(scriptOnly).isVisible(), false);
  const recoveryCodes = await bob.keepRecoveryCodes();
  await bob.signOut();

  await bob.signIn('bob');
  await bob.assertOn('code');
  await bob.enterCode(scanned.nextCode());
  await bob.assertOn('home');
  await bob.signOut();

  await bob.signIn('bob');
  await bob.enterRecoveryCode(recoveryCodes[9]);
  await bob.assertOn('home');
  await bob.signOut();

  await admin.page.goto('/admin/mfa');
  await admin.get('remove-3').click();
  await admin.get('confirm-remove').click();
  await admin.assertOn('admin');
  await bob.signIn('bob');
  assert.notEqual((await scan(bob)).secret, scanned.secret);
  await bob.get('cancel').click();
  await bob.assertOn('sign-in');
});
