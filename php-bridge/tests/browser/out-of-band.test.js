// Codes by mail and text message: set up, sent at once, sent again, refused, and when nothing goes out any more.

import assert from 'node:assert/strict';
import { story } from './telling.js';

story('codes by mail and by text message', async (step, world, newPerson) => {
  const alice = await newPerson();
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['totp', 'email', 'sms'] });
  let sent;

  await step('alice chooses mail, and the address of her account', async () => {
    await alice.signIn('alice');
    await alice.assertOn('setup');
    await alice.inspect('setup-choice');
    await alice.get('set-up-email').click();
    await alice.get('send-known').waitFor();
    assert.ok(!(await alice.page.content()).includes('alice@harbour.example'), 'the address is masked');
    await alice.inspect('setup-email');
    assert.equal(world.messages().length, 0, 'nothing is sent before she says so');

    await alice.get('destination').fill('nowhere@');
    await alice.page.evaluate(() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; }));
    await alice.get('send-code').click();
    assert.ok(await alice.error());
    assert.equal(await alice.get('destination').inputValue(), 'nowhere@', 'what she typed is still there');
    await alice.inspect('setup-email-refused');

    await alice.get('send-known').click();
    await alice.get('code').waitFor();
    assert.equal(await alice.get('code').getAttribute('autocomplete'), 'one-time-code');
    assert.match(world.messages()[0].text, /Harbour|mfa-sidecar|default/i);
    await alice.inspect('setup-email-code');
    sent = world.messages().length;
    await alice.page.reload();
    await alice.get('code').waitFor();
    assert.equal(world.messages().length, sent, 'a reload sends nothing');

    await alice.get('resend-code').click();
    assert.match(await alice.error(), /wait/i);
    await alice.inspect('setup-email-too-soon');
    await alice.enterCode('000000');
    const refused = await alice.error();
    assert.match(refused, /newest code/);
    assert.doesNotMatch(refused, /Wait for a new one/);
    await alice.enterCode(world.receivedCode('mail'));
    await alice.keepRecoveryCodes();
    await alice.signOut();
  });

  await step('signing in at once again she is told to wait for another code', async () => {
    await alice.signIn('alice');
    await alice.assertOn('code');
    assert.match(await alice.error(), /wait/i);
    await alice.get('send-code').waitFor();
    await alice.inspect('code-email-too-soon');
    await alice.get('cancel').click();
    await alice.assertOn('sign-in');
  });
});

story('a number in national form', async (step, world, newPerson) => {
  const bob = await newPerson();
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['sms'] });

  await step('bob names his number and its country', async () => {
    await bob.signIn('bob');
    await bob.assertOn('setup');
    assert.equal(await bob.get('country').inputValue(), 'US', 'his browser speaks of the United States');
    await bob.inspect('setup-sms');
    await bob.get('country').selectOption({ label: 'Austria (+43)' });
    await bob.get('destination').fill('12');
    await bob.get('send-code').click();
    assert.ok(await bob.error());
    assert.equal(await bob.get('country').inputValue(), 'AT');
    await bob.inspect('setup-sms-refused');
    await bob.get('destination').fill('0664 1234567');
    await bob.get('send-code').click();
    await bob.get('code').waitFor();
    assert.equal(world.messages().at(-1).to, '+436641234567');
    await bob.inspect('setup-sms-code');
    await bob.get('change-destination').click();
    await bob.get('destination').waitFor();
    assert.equal(await bob.get('code').count(), 0);
    await bob.page.goto('/login/setup');
    await bob.get('country').selectOption('AT');
    await bob.get('destination').fill('0664 7654321');
    await bob.get('send-code').click();
    await bob.get('code').waitFor();
    assert.equal(world.messages().at(-1).to, '+436647654321');
    await bob.enterCode(world.receivedCode('sms'));
    await bob.keepRecoveryCodes();
    await bob.signOut();
  });
});

story('several ways, and one that fails', async (step, world, newPerson) => {
  const alice = await newPerson();
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['email', 'totp'] });
  let phone, recoveryCodes;

  await step('alice sets up another address than the one of her account', async () => {
    await alice.signIn('alice');
    await alice.get('set-up-email').click();
    await alice.get('destination').fill('private@example.org');
    await alice.get('send-code').click();
    await alice.get('code').waitFor();
    assert.equal(world.messages().at(-1).to, 'private@example.org');
    await alice.enterCode(world.receivedCode('mail'));
    recoveryCodes = await alice.keepRecoveryCodes();
  });

  await step('and an app beside it, which she prefers', async () => {
    await alice.page.goto('/security?view=add');
    await alice.confirmPassword();
    // The code of a moment ago holds the address back for a while: a recovery code does not.
    await alice.enterRecoveryCode(recoveryCodes[0]);
    await alice.assertOn('security-add');
    await alice.get('set-up-totp').click();
    phone = await alice.scan('security-add');
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('security');
    await alice.get('preferred-method').selectOption('totp');
    await alice.get('save-preferred').click();
    await alice.get('notice').waitFor();
    await alice.signOut();
    const codes = () => world.messages().filter((message) => /\b\d{6}\b/.test(message.text)).length;
    const before = codes();
    await alice.signIn('alice');
    await alice.assertOn('code');
    await alice.inspect('code-choices');
    assert.equal(codes(), before, 'nothing is sent to who prefers the app');
    await alice.enterCode(phone.nextCode());
    await alice.assertOn('home');
  });

  await step('with the mail server gone people are told, and take another way', async () => {
    await world.closePostOffice();
    const bob = await newPerson();
    await bob.signIn('bob');
    await bob.get('set-up-email').click();
    await bob.get('send-known').click();
    assert.match(await bob.error(), /could not be sent/);
    await bob.inspect('setup-email-not-sent');
    assert.equal(await bob.isSignedIn(), false);
    await bob.get('set-up-totp').click();
    await bob.get('qr').waitFor();
    const bobsPhone = await bob.scan('setup');
    await bob.enterCode(bobsPhone.nextCode());
    await bob.keepRecoveryCodes();
  });
});

story('codes by mail without JavaScript', async (step, world, newPerson) => {
  const bob = await newPerson({ javaScriptEnabled: false });
  await world.api('PATCH', '/v1/policy', { mode: 'required', methods: ['email', 'sms'] });
  await bob.signIn('bob');
  await bob.get('set-up-email').click();
  await bob.get('send-known').click();
  await bob.get('code').waitFor();
  await bob.enterCode(world.receivedCode('mail'));
  await bob.keepRecoveryCodes();
  await bob.get('security-link').click();
  await bob.assertOn('security');
  await bob.signOut();
});
