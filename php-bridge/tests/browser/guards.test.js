// What must not work: guessing, forged forms, half a login, another site's address, and a service that is gone.

import assert from 'node:assert/strict';
import { enroll, scan, story } from './telling.js';

story('guessing locks a user until an administrator unlocks', async (step, world, newPerson) => {
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

story('the host lets nobody past its guards', async (step, world, newPerson) => {
  const admin = await newPerson();
  await admin.signIn('admin');
  await admin.choosePolicy('totp-required');

  await step('a form without its CSRF token is refused', async () => {
    const forms = [
      ['/login', { username: 'alice', password: 'alice-demo' }],
      ['/admin/mfa/policy', { policy: 'disabled' }],
      ['/admin/mfa/remove', { user: '2' }],
      ['/admin/mfa/unlock', { user: '2' }],
      ['/admin/mfa/rules', { mode: 'disabled', 'methods[]': 'totp' }],
      ['/admin/mfa/pass', { user: '2' }],
      ['/step-up', { password: 'admin-demo' }],
      ['/step-up/code', { code: '123456' }],
      ['/security', { do: 'disable' }],
      ['/password', { new: 'guessed', again: 'guessed' }],
      ['/export', {}],
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

  await step('a password alone opens nothing', async () => {
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

  await step('a member is no administrator', async () => {
    const alice = await newPerson();
    await enroll(alice, 'alice');
    assert.equal(await alice.get('admin-link').count(), 0);
    assert.equal((await alice.context.request.get('/admin/mfa')).status(), 403);
  });

  await step('after signing in nobody is sent to another site', async () => {
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

  await step('pages forbid framing, foreign content and caching', async () => {
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

story('when the service is down, nobody gets in', async (step, world, newPerson) => {
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
