// What happens every day, on each WordPress: set-up, sign-in, a lost phone.

import assert from 'node:assert/strict';

export function tellEveryday(story) {
  story('the first sign-in sets up, the next one asks', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'], trusted_device_days: 0, grace_period_days: 0 });
    const anna = await newPerson();
    const wanted = `${world.url}/wp-admin/edit.php?post_type=page`;
    await anna.enterPassword('anna', { at: `/wp-login.php?redirect_to=${encodeURIComponent(wanted)}`, remember: true });
    const phone = await anna.scan();
    assert.deepEqual(await anna.sessionCookies(), [], 'no cookie before the second factor');
    assert.equal(await world.php("return count(WP_Session_Tokens::get_instance(get_user_by('login', 'anna')->ID)->get_all());"), 0, 'no session before it');
    assert.equal(await anna.isSignedIn(), false);
    assert.deepEqual(world.events('wp_login'), []);
    await anna.inspect('setup');

    await anna.page.reload();
    assert.equal(await anna.get('secret').getAttribute('data-secret'), phone.secret, 'a reload keeps the secret');
    await anna.enterCode('');
    await anna.assertOn('setup');
    await anna.enterCode(phone.wrongCode());
    assert.match(await anna.error(), /did not work/);
    await anna.inspect('setup-error');

    await anna.enterCode(phone.nextCode());
    await anna.assertOn('recovery-codes');
    await anna.inspect('recovery-codes');
    // Shown once, so nothing else comes before they are saved, and a reload shows them again.
    await anna.page.goto('/wp-admin/');
    await anna.assertOn('recovery-codes');
    const download = anna.page.waitForEvent('download');
    await anna.get('download-codes').click();
    await (await download).delete();
    const codes = await anna.keepRecoveryCodes();
    assert.equal(new Set(codes).size, 10);
    await anna.assertInAdmin();
    assert.equal(anna.page.url(), wanted, 'redirect_to is kept');
    await anna.page.goto('/wp-login.php?action=mfa&view=welcome');
    assert.equal(await anna.get('recovery-code').count(), 0, 'once they are saved they are gone');
    assert.deepEqual(world.events('wp_login'), ['anna'], 'one login for plugins that write them down');

    const cookies = await anna.sessionCookies();
    assert.ok(cookies.length >= 2);
    for (const { name, expires, httpOnly } of cookies) {
      assert.ok(httpOnly, name);
      assert.ok(expires > Date.now() / 1000 + 13 * 86400, `${name}: remember-me is kept`);
    }

    await anna.signOut();
    await anna.enterPassword('anna');
    await anna.assertOn('code');
    assert.deepEqual(await anna.sessionCookies(), []);
    await anna.inspect('code');
    await anna.enterCode(phone.spentCode());
    assert.match(await anna.error(), /did not work/, 'the code that set it up is spent');
    await anna.inspect('code-error');
    await anna.enterCode(phone.nextCode());
    await anna.assertInAdmin();
    assert.ok((await anna.sessionCookies()).every(({ expires }) => expires === -1), 'not remembered unless asked');

    // Signed in, the login page lets her through, without a second login.
    const logins = world.events('wp_login').length;
    await anna.page.goto('/wp-login.php?action=mfa');
    await anna.assertInAdmin();
    assert.equal(world.events('wp_login').length, logins);
    assert.deepEqual(world.events('wp_login_failed'), []);
  });

  story('a recovery code lets in whoever has lost the phone, once', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const ben = await newPerson();
    const { recoveryCodes } = await ben.enroll('ben');
    await ben.assertInAdmin();
    assert.match(ben.page.url(), /profile\.php/, 'a subscriber lands on the profile');
    await ben.signOut();

    await ben.enterPassword('ben');
    await ben.press('use-recovery-code');
    await ben.assertOn('recovery');
    await ben.get('recovery-code-input').fill('ABCD-EFGH-JKLM');
    await ben.press('submit-code');
    await ben.assertOn('recovery');
    assert.match(await ben.error(), /did not work/);
    await ben.inspect('recovery');
    await ben.get('recovery-code-input').fill(recoveryCodes[0].toLowerCase());
    await ben.press('submit-code');
    await ben.assertInAdmin();
    await ben.signOut();

    await ben.enterPassword('ben');
    await ben.press('use-recovery-code');
    await ben.get('recovery-code-input').fill(recoveryCodes[0]);
    await ben.press('submit-code');
    assert.match(await ben.error(), /did not work/, 'a used code opens nothing');
    assert.equal(await ben.isSignedIn(), false);
    await ben.press('cancel');
    await ben.assertOnSignIn();
    await ben.page.goto('/wp-login.php?action=mfa');
    await ben.assertOnSignIn();
  });

  story('an administrator sees who is set up, and helps', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const carla = await newPerson();
    const { phone } = await carla.enroll('carla');
    await carla.signOut();
    const id = await world.userId('carla');

    // Five wrong codes end the login and lock for 30 seconds.
    await carla.enterPassword('carla');
    for (let wrong = 1; wrong <= 5; wrong++) {
      await carla.assertOn('code');
      await carla.enterCode(phone.wrongCode());
    }
    await carla.assertOnSignIn();
    assert.match(await carla.signInError(), /too many wrong codes/);
    await carla.photograph('sign-in-failed');
    await carla.enterPassword('carla');
    await carla.assertOn('code');
    assert.match(await carla.error(), /please wait/);
    await carla.enterCode(phone.nextCode());
    assert.match(await carla.error(), /please wait/, 'a right code does not help a locked user');
    assert.equal(await carla.isSignedIn(), false);

    const admin = await newPerson();
    await admin.enroll('admin');
    await admin.assertInAdmin();
    world.proxy.takeRequests();
    await admin.page.goto('/wp-admin/users.php');
    const asked = world.proxy.takeRequests();
    assert.equal(asked.length, 1, 'one call for the page');
    assert.match(asked[0], /^GET \/v1\/users\?id=\d+&id=/);
    assert.equal(await admin.get(`state-${id}`).getAttribute('data-state'), 'enrolled');
    assert.equal(await admin.get(`state-${await world.userId('mia')}`).getAttribute('data-state'), 'not-enrolled');
    await admin.get(`locked-${id}`).waitFor();
    await admin.photograph('users');
    await admin.page.locator(`#user-${id}`).hover();
    await admin.get(`mfa-unlock-${id}`).click();
    await admin.assertOn('mfa-unlock');
    await admin.press('confirm');
    await admin.get('notice').waitFor();
    assert.equal(await admin.get(`locked-${id}`).count(), 0);

    // The code was refused unread, so it is still good.
    await carla.enterCode(phone.spentCode());
    await carla.assertInAdmin();
    await carla.signOut();

    await admin.page.locator(`#user-${id}`).hover();
    await admin.get(`mfa-remove-${id}`).click();
    await admin.assertOn('mfa-remove');
    await admin.inspect('remove');
    const forged = await admin.context.request.post(admin.page.url(), { form: { _wpnonce: 'guessed' }, maxRedirects: 0 });
    assert.equal(forged.status(), 403);
    await admin.press('confirm');
    assert.match(await admin.get('notice').innerText(), /removed/);
    assert.equal(await admin.get(`state-${id}`).getAttribute('data-state'), 'not-enrolled');
    assert.equal(await admin.page.locator(`[data-testid^="mfa-remove-${await world.userId('admin')}"]`).count(), 0, 'not for oneself');

    await carla.enterPassword('carla');
    const next = await carla.scan();
    assert.notEqual(next.secret, phone.secret);

    // An editor is no administrator.
    const emma = await newPerson();
    await emma.enroll('emma');
    const answer = await emma.context.request.get(`/wp-admin/users.php?action=mfa-remove&user=${id}`, { maxRedirects: 0 });
    assert.equal(answer.status(), 403);
  });
}
