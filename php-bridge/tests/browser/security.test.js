// A signed-in person looks after their own security: several ways, one preferred, new recovery codes, trusted browsers,
// and a fresh proof before what is sensitive.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { enroll, story } from './telling.js';

const requireAll = { mode: 'required', methods: ['totp', 'email', 'sms'], trusted_device_days: 14 };

story('a person looks after their own security', async (step, world, newPerson) => {
  const admin = await newPerson();
  const alice = await newPerson();
  let phone, recoveryCodes;

  await step('the administrator makes finer rules', async () => {
    await admin.signIn('admin');
    await admin.page.goto('/admin/mfa');
    await admin.get('rules-open').click();
    await admin.get('rules-mode').selectOption('optional');
    await admin.get('rules-method-email').check();
    await admin.get('rules-method-sms').check();
    await admin.get('rules-trusted-days').fill('14');
    await admin.get('rules-replace-weak').check();
    await admin.get('rules-save').click();
    await admin.get('notice').waitFor();
    assert.equal(await admin.get('policy-mode').inputValue(), '', 'the drop-down says that the rules are finer');
    const { body } = await world.api('GET', '/v1/policy');
    assert.deepEqual([body.mode, body.methods, body.trusted_device_days, body.replace_weak_secrets], ['optional', ['totp', 'email', 'sms'], 14, true]);
    await admin.inspect('admin-rules');
  });

  await step('where it is optional alice sets it up by herself', async () => {
    await alice.signIn('alice');
    await alice.assertOn('home');
    await alice.get('security-link').click();
    await alice.assertOn('security');
    assert.equal(await alice.get('mfa-state').getAttribute('data-state'), 'off');
    await alice.inspect('security-off');
    await alice.get('add-authenticator').click();
    await alice.assertOn('step-up');
    await alice.get('password').fill('not her password');
    await alice.get('confirm-password').click();
    assert.ok(await alice.error());
    await alice.inspect('step-up-refused');
    await alice.confirmPassword();
    await alice.assertOn('security-add');
    await alice.inspect('security-choice');
    await alice.get('set-up-totp').click();
    phone = await alice.scan('security-add');
    await alice.inspect('security-setup');
    await alice.page.reload();
    assert.equal((await alice.scan('security-add')).secret, phone.secret, 'a reload keeps the secret');
    await alice.enterCode(phone.wrongCode());
    assert.match(await alice.error(), /\b4\b/);
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('recovery-codes');
    await alice.page.goto('/security');
    await alice.assertOn('recovery-codes');
    recoveryCodes = await alice.keepRecoveryCodes('security');
    assert.equal(await alice.get('mfa-state').getAttribute('data-state'), 'on');
  });

  await step('she adds her address, names it and prefers it', async () => {
    await alice.get('add-authenticator').click();
    // The password was confirmed before there was a factor: now a proof by it is asked for, before the form is filled in.
    await alice.confirmPassword();
    await alice.assertOn('code');
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('security-add');
    await alice.get('set-up-email').click();
    await alice.get('send-known').waitFor();
    await alice.inspect('security-email');
    await alice.get('send-known').click();
    await alice.get('code').waitFor();
    await alice.inspect('security-email-code');
    await alice.enterCode(world.receivedCode('mail'));
    await alice.assertOn('security');
    await alice.get('notice').waitFor();
    assert.equal(await alice.get('authenticator').count(), 2);

    await alice.get('rename').nth(1).click();
    await alice.assertOn('security-rename');
    await alice.inspect('security-rename');
    await alice.get('name').fill('Work <mail>');
    await alice.get('save-name').click();
    await alice.assertOn('security');
    assert.equal(await alice.get('authenticator-name').nth(1).innerText(), 'Work <mail>');

    await alice.get('preferred-method').selectOption('email');
    await alice.get('save-preferred').click();
    await alice.get('preferred').waitFor();
    await alice.inspect('security');
  });

  await step('a change of password and an export ask again who is there', async () => {
    await alice.signOut();
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.get('use-totp').click();
    await alice.get('submit-code').waitFor();
    await alice.enterRecoveryCode(recoveryCodes[3]);
    await alice.assertOn('home');

    await alice.get('export-link').click();
    await alice.assertOn('step-up');
    await alice.inspect('step-up');
    await alice.confirmPassword();
    await alice.assertOn('code');
    await alice.inspect('step-up-code');
    await alice.enterRecoveryCode(recoveryCodes[0]);
    await alice.assertOn('export');
    await alice.inspect('export');
    const download = alice.page.waitForEvent('download');
    await alice.get('export-data').click();
    assert.equal(JSON.parse(readFileSync(await (await download).path(), 'utf8')).name, 'alice');

    await alice.page.goto('/password');
    await alice.assertOn('password');
    await alice.get('new-password').fill('a better one');
    await alice.get('new-password-again').fill('another one');
    await alice.get('change-password').click();
    assert.ok(await alice.error());
    await alice.inspect('password-refused');
    await alice.get('new-password').fill('a better one');
    await alice.get('new-password-again').fill('a better one');
    await alice.get('change-password').click();
    await alice.assertOn('security');
    await alice.get('notice').waitFor();
    await alice.signOut();
    await alice.signIn('alice');
    assert.ok(await alice.error(), 'the old password is worth nothing');
  });

  await step('what was proven by a recovery code makes no new ones', async () => {
    await alice.signIn('alice', 'a better one');
    await alice.enterRecoveryCode(recoveryCodes[1]);
    await alice.assertOn('home');
    await alice.page.goto('/security?view=recovery-codes');
    await alice.confirmPassword('a better one');
    await alice.enterRecoveryCode(recoveryCodes[2]);
    await alice.assertOn('security-recovery-codes');
    await alice.inspect('security-renew');
    await alice.get('confirm-renew').click();
    await alice.assertOn('step-up');
    assert.match(await alice.error(), /not enough/);
    await alice.get('cancel').click();
    await alice.assertOn('security');
  });

  await step('it can be switched off again where it is optional', async () => {
    await alice.get('disable').click();
    await alice.assertOn('security-disable');
    await alice.inspect('security-disable');
    await alice.get('confirm-disable').click();
    await alice.assertOn('step-up');
    await alice.get('cancel').click();
    await alice.get('remove').first().click();
    await alice.assertOn('security-remove');
    await alice.inspect('security-remove');
    await alice.get('confirm-remove').click();
    await alice.assertOn('security');
    assert.equal(await alice.get('authenticator').count(), 1);
  });
});

story('under a rule that requires it', async (step, world, newPerson) => {
  const alice = await newPerson();
  let phone, recoveryCodes;
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['totp'], trusted_device_days: 14 });

  await step('a trusted browser is not asked again, and can be forgotten', async () => {
    ({ phone, recoveryCodes } = await enroll(alice, 'alice'));
    await alice.signOut();
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.inspect('code-trust');
    await alice.get('trust-device').check();
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('home');
    for (const again of [1, 2]) {
      await alice.signOut();
      await alice.signIn('alice');
      await alice.assertOn('home');
      assert.equal(await alice.get('code').count(), 0, `sign-in ${again} asks for no code`);
    }
    await alice.session();
    await alice.get('security-link').click();
    assert.equal(await alice.get('trusted-device').count(), 1);
    await alice.inspect('security-devices');
    await alice.get('forget-device').click();
    await alice.get('no-trusted-devices').waitFor();
    await alice.signOut();
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.enterRecoveryCode(recoveryCodes[0]);
    await alice.assertOn('home');
  });

  await step('it cannot be switched off, nor the last one removed', async () => {
    await alice.get('security-link').click();
    await alice.get('disable-refused').waitFor();
    assert.equal(await alice.get('disable').count(), 0);
    await alice.get('remove').click();
    await alice.confirmPassword();
    await alice.enterRecoveryCode(recoveryCodes[1]);
    await alice.assertOn('security-remove');
    await alice.get('confirm-remove').click();
    await alice.assertOn('security');
    assert.ok(await alice.error());
    await alice.inspect('security-last-refused');
  });

  await step('where the administrator looks after it the page says so', async () => {
    await world.api('PATCH', '/v1/policy', { self_service: false });
    await alice.page.goto('/security');
    await alice.get('self-service-off').waitFor();
    for (const change of ['add-authenticator', 'rename', 'remove', 'renew-codes', 'disable']) {
      assert.equal(await alice.get(change).count(), 0, change);
    }
    await alice.inspect('security-managed');
    await world.api('PATCH', '/v1/policy', { self_service: true });
  });
});

story('few recovery codes are warned of, and new ones made', async (step, world, newPerson) => {
  const alice = await newPerson();
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['totp'] });
  const { phone, recoveryCodes } = await enroll(alice, 'alice');
  for (const code of recoveryCodes.slice(0, 7)) {
    await alice.signOut();
    await alice.signIn('alice');
    await alice.enterRecoveryCode(code);
    await alice.assertOn('home');
  }
  assert.match(await alice.get('notice').innerText(), /3 recovery codes/);
  await alice.inspect('home-few-codes');
  await alice.get('security-link').click();
  await alice.get('recovery-codes-few').waitFor();
  await alice.get('renew-codes').click();
  await alice.confirmPassword();
  await alice.assertOn('code');
  await alice.enterCode(phone.nextCode());
  await alice.assertOn('security-recovery-codes');
  await alice.get('confirm-renew').click();
  await alice.assertOn('recovery-codes');
  await alice.inspect('recovery-codes-renewed');
  const renewed = await alice.keepRecoveryCodes('security');
  assert.equal(renewed.filter((code) => recoveryCodes.includes(code)).length, 0);
});

story('a period of grace, and a pass for one time', async (step, world, newPerson) => {
  const admin = await newPerson();
  const bob = await newPerson();
  let phone;
  await world.api('PATCH', '/v1/policy', { ...requireAll, grace_period_days: 7 });

  await step('within the grace bob is reminded and may put it off', async () => {
    await bob.signIn('bob');
    await bob.assertOn('grace');
    assert.match(await bob.page.locator('main').innerText(), /20\d\d/, 'the day is named');
    await bob.inspect('grace');
    await bob.get('later').click();
    await bob.assertOn('home');
    await bob.signOut();
    await bob.signIn('bob');
    await bob.get('set-up-now').click();
    await bob.assertOn('security-add');
    await bob.get('set-up-totp').click();
    phone = await bob.scan('security-add');
    await bob.enterCode(phone.nextCode());
    await bob.keepRecoveryCodes('security');
    await bob.signOut();
  });

  await step('the phone is lost, and the administrator issues a pass', async () => {
    await admin.signIn('admin');
    await admin.page.goto('/admin/mfa');
    await admin.get('pass-3').click();
    await admin.assertOn('pass');
    await admin.inspect('pass');
    await admin.get('issue-pass').click();
    const pass = (await admin.get('one-time-pass').innerText()).trim();
    await admin.inspect('pass-issued');
    await admin.page.reload();
    assert.equal(await admin.get('one-time-pass').count(), 0, 'it is shown once');

    await bob.signIn('bob');
    await bob.assertOn('code');
    await bob.get('use-one-time-pass').click();
    await bob.get('code').waitFor();
    await bob.inspect('code-pass');
    await bob.enterCode('ABCD-EFGH-JKMN-PQRS');
    assert.ok(await bob.error());
    await bob.enterCode(pass);
    await bob.assertOn('setup');
    await bob.inspect('setup-replacement');
    await bob.get('set-up-totp').click();
    const replacement = await bob.scan('setup');
    assert.notEqual(replacement.secret, phone.secret);
    await bob.enterCode(replacement.nextCode());
    await bob.assertOn('home');
    await bob.signOut();
    await bob.signIn('bob');
    await bob.get('use-recovery-code').waitFor();
    assert.equal(await bob.get('use-one-time-pass').count(), 0, 'it was good once');
  });
});
