// The project in one story: an administrator requires TOTP, a user is made to enrol, signs in with codes from then on,
// loses the phone and is reset.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { arrive, launch } from './person.js';
import { Phone } from './phone.js';
import { createWorld } from './world.js';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Runs a story in a world of its own. */
const story = (name, tell) => test(name, { timeout: 180_000 }, async (t) => {
  const world = await createWorld();
  const people = [];
  const newPerson = async (options) => {
    const person = await arrive(browser, world.url, options);
    people.push(person);
    return person;
  };
  try {
    await tell(t, world, newPerson);
    for (const person of people) await person.leave();
  } catch (error) {
    await Promise.all(people.map((person, index) => person.photograph(`failed-${index}`)));
    throw error;
  } finally {
    await world.stop();
  }
});

/** Scans the QR code off a screenshot of the page and checks that the page says the same in text. */
async function scan(person) {
  await person.assertOn('setup');
  const phone = Phone.scan(await person.page.screenshot({ fullPage: true }));
  const shown = (await person.get('secret').innerText()).replace(/\s/g, '');
  assert.equal(phone.secret, shown, 'the QR code and the shown secret differ');
  assert.equal(phone.secret, await person.get('secret').getAttribute('data-secret'));
  assert.equal(phone.uri, await person.get('otpauth-link').getAttribute('href'));
  return phone;
}

/** Signs in with the password, sets up an authenticator and keeps the recovery codes. */
async function enroll(person, username) {
  await person.signIn(username);
  const phone = await scan(person);
  await person.enterCode(phone.nextCode());
  return { phone, recoveryCodes: await person.keepRecoveryCodes() };
}

story('from "TOTP required" to a lost phone', async (t, world, newPerson) => {
  const admin = await newPerson();
  const alice = await newPerson();
  let phone, firstPhone, recoveryCodes;

  await t.test('before the policy a password is enough', async () => {
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

  await t.test('the administrator sets "TOTP required"', async () => {
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

  await t.test('alice is made to enrol', async () => {
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

  await t.test('she keeps her recovery codes, shown once', async () => {
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

  await t.test('from then on she signs in with a code, once each', async () => {
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

  await t.test('without the phone a recovery code lets her in, once', async () => {
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

  await t.test('the phone is lost: the administrator removes the authenticator', async () => {
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

  await t.test('lost again: an API client removes it', async () => {
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

  await t.test('every step stands in the audit, and no secret does', async () => {
    const { status, body } = await world.api('GET', '/v1/audit-events?limit=200');
    assert.equal(status, 200);
    const text = JSON.stringify(body);
    for (const secret of [phone.secret, firstPhone.secret, ...recoveryCodes]) assert.ok(!text.includes(secret));
    assert.ok(text.includes('"2"'), 'no event names alice');
  });
});

story('the whole journey works without JavaScript', async (t, world, newPerson) => {
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

story('guessing locks a user until an administrator unlocks', async (t, world, newPerson) => {
  const admin = await newPerson();
  await admin.signIn('admin');
  await admin.choosePolicy('totp-required');
  const bob = await newPerson();
  const { phone } = await enroll(bob, 'bob');
  await bob.signOut();

  const failLogin = async () => {
    await bob.signIn('bob');
    for (let wrong = 1; wrong <= 5; wrong++) {
      await bob.assertOn('code');
      await bob.enterCode(phone.wrongCode());
      assert.ok(await bob.error());
    }
    assert.equal(await bob.get('code').count(), 0, 'this login is over');
  };

  // The lock lasts 30 seconds: everything that needs it comes before the pages are looked at in full.
  await failLogin();
  await bob.signIn('bob');
  await bob.assertOn('code');
  assert.ok(await bob.error(), 'the page says when to try again');
  await bob.enterCode(phone.nextCode());
  assert.ok(await bob.error(), 'a right code does not help a locked user');
  assert.equal(await bob.isSignedIn(), false);
  await admin.page.goto('/admin/mfa');
  await admin.get('locked-3').waitFor();
  await bob.inspect('code-locked');
  await admin.inspect('admin-locked');
  await admin.get('unlock-3').click();
  await admin.assertOn('admin');
  assert.equal(await admin.get('locked-3').count(), 0);

  // The code was refused unread, so it is still good.
  await bob.signIn('bob');
  await bob.enterCode(phone.spentCode());
  await bob.assertOn('home');
  await bob.signOut();

  await failLogin();
  await bob.inspect('login-failed');
});

story('the host lets nobody past its guards', async (t, world, newPerson) => {
  const admin = await newPerson();
  await admin.signIn('admin');
  await admin.choosePolicy('totp-required');

  await t.test('a form without its CSRF token is refused', async () => {
    const forms = [
      ['/login', { username: 'alice', password: 'alice-demo' }],
      ['/admin/mfa/policy', { policy: 'disabled' }],
      ['/admin/mfa/remove', { user: '2' }],
      ['/admin/mfa/unlock', { user: '2' }],
      ['/logout', {}],
    ];
    for (const [path, form] of forms) {
      for (const csrf of [undefined, '', 'guessed']) {
        const answer = await admin.context.request.post(path, { form: csrf === undefined ? form : { ...form, csrf }, maxRedirects: 0 });
        assert.equal(answer.status(), 403, `POST ${path}`);
      }
    }
    assert.equal((await world.api('GET', '/v1/policy')).body.mode, 'required');
    assert.equal(await admin.isSignedIn(), true);
  });

  await t.test('a password alone opens nothing', async () => {
    const alice = await newPerson();
    await alice.signIn('alice');
    await alice.assertOn('setup');
    for (const path of ['/', '/admin/mfa', '/recovery-codes']) {
      const answer = await alice.context.request.get(path);
      assert.ok(!(await answer.text()).includes('data-testid="home"'), path);
      assert.ok(!(await answer.text()).includes('data-testid="policy-mode"'), path);
    }
    await alice.get('cancel').click();
    await alice.assertOn('sign-in');
    await alice.page.goto('/login/setup');
    assert.equal(await alice.get('secret').count(), 0, 'an abandoned login shows no secret');
  });

  await t.test('a member is no administrator', async () => {
    const alice = await newPerson();
    await enroll(alice, 'alice');
    assert.equal(await alice.get('admin-link').count(), 0);
    assert.equal((await alice.context.request.get('/admin/mfa')).status(), 403);
  });

  await t.test('after signing in nobody is sent to another site', async () => {
    const bob = await newPerson();
    for (const elsewhere of ['https://example.org/', '//example.org/', '/\\example.org/']) {
      await bob.page.goto(`/login?return=${encodeURIComponent(elsewhere)}`);
      await bob.get('username').fill('bob');
      await bob.get('password').fill('bob-demo');
      await bob.get('sign-in').click();
      await bob.assertOn('setup');
      assert.equal(new URL(bob.page.url()).origin, world.url);
    }
    const phone = await scan(bob);
    await bob.enterCode(phone.nextCode());
    await bob.keepRecoveryCodes();
    assert.equal(new URL(bob.page.url()).origin, world.url);
  });

  await t.test('pages forbid framing, foreign content and caching', async () => {
    const carol = await newPerson();
    const headers = (await carol.page.goto('/login')).headers();
    const csp = headers['content-security-policy'];
    assert.match(csp, /default-src 'none'|default-src 'self'/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.doesNotMatch(csp, /unsafe-inline|unsafe-eval/);
    assert.match(headers['cache-control'], /no-store/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });
});

story('when the service is down, nobody gets in', async (t, world, newPerson) => {
  const admin = await newPerson();
  await admin.signIn('admin');
  await admin.choosePolicy('totp-required');
  const bob = await newPerson();
  const { phone } = await enroll(bob, 'bob');
  await bob.signOut();
  await bob.signIn('bob');
  await bob.assertOn('code');

  await world.stopService();

  await bob.enterCode(phone.nextCode());
  assert.ok((await bob.error()).split(' ').length >= 5, 'a sentence that a person understands');
  assert.equal(await bob.isSignedIn(), false);
  await bob.inspect('service-down-code');

  const alice = await newPerson();
  await alice.signIn('alice');
  assert.ok((await alice.error()).split(' ').length >= 5);
  assert.equal(await alice.isSignedIn(), false);
  await alice.inspect('service-down-sign-in');

  const page = await admin.page.goto('/admin/mfa');
  assert.equal(page.status(), 503);
  assert.ok(await admin.error());
  await admin.inspect('service-down-admin');
});
