// Every other page at the login: methods, trusted browsers, grace, no JavaScript, the frame of an interim login, and
// what must not work on them.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

export function tellPages(story) {
  let sentAt;

  story('codes by e-mail and text message are set up and asked for', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp', 'email', 'sms'], trusted_device_days: 0 });
    const david = await newPerson();
    await david.enterPassword('david');
    await david.assertOn('setup');
    await david.inspect('setup-choice');
    await david.press('set-up-email');
    await david.inspect('setup-email');
    await david.press('send-known');
    await david.get('code').waitFor();
    await david.inspect('setup-email-code');
    await david.enterCode(world.receivedCode('mail'));
    await david.keepRecoveryCodes();
    await david.assertInAdmin();
    await david.signOut();

    sentAt = Date.now();

    // So soon after the first no other code is sent, and the page says so.
    await david.enterPassword('david');
    await david.assertOn('code');
    assert.match(await david.error(), /only now and then/);
    await david.inspect('code-email-wait');
    await david.press('cancel');

    const vera = await newPerson();
    await vera.enterPassword('vera');
    await vera.assertOn('setup');
    await vera.press('set-up-sms');
    await vera.get('destination').fill('12');
    await vera.press('send-code');
    assert.match(await vera.error(), /cannot send a text message/);
    await vera.inspect('setup-sms');
    await vera.get('destination').fill('+49 151 23456789');
    await vera.get('country').selectOption('');
    await vera.press('send-code');
    await vera.get('code').waitFor();
    await vera.enterCode(world.receivedCode('sms'));
    await vera.keepRecoveryCodes();
    await vera.assertInAdmin();
  });

  story('a trusted browser is not asked again, and another one is', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'], trusted_device_days: 30 });
    const felix = await newPerson();
    const { phone } = await felix.enroll('felix');
    await felix.signOut();
    await felix.enterPassword('felix');
    await felix.assertOn('code');
    await felix.inspect('code-trust');
    await felix.get('trust-device').check();
    await felix.enterCode(phone.nextCode());
    await felix.assertInAdmin();
    const cookies = await felix.context.cookies();
    const trusted = cookies.find(({ name }) => name.startsWith('mfa_sidecar_trusted_'));
    assert.ok(trusted.httpOnly && trusted.sameSite === 'Lax');

    await felix.context.clearCookies();
    await felix.context.addCookies([trusted]);
    await felix.enterPassword('felix');
    await felix.assertInAdmin();
    const renewed = (await felix.context.cookies()).find(({ name }) => name === trusted.name);
    assert.notEqual(renewed.value, trusted.value, 'the cookie is good for one login');

    const stranger = await newPerson();
    await stranger.enterPassword('felix');
    await stranger.assertOn('code');
    await stranger.press('cancel');
    await stranger.assertOnSignIn();
  });

  story('within the period of grace a reminder comes first', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'], trusted_device_days: 0, grace_period_days: 7 });
    const greta = await newPerson();
    await greta.enterPassword('greta', { at: `/wp-login.php?redirect_to=${encodeURIComponent(`${world.url}/wp-admin/edit.php`)}` });
    await greta.assertOn('grace');
    await greta.inspect('grace');
    await greta.press('later');
    await greta.assertInAdmin();
    assert.match(greta.page.url(), /edit\.php/);
    await greta.signOut();

    await greta.enterPassword('greta');
    await greta.press('set-up-now');
    await greta.assertOn('confirm');
    await greta.get('password').fill('greta-pass');
    await greta.press('confirm-password');
    await greta.assertOn('security-add');
    await world.policy({ grace_period_days: 0 });
  });

  story('everything works without JavaScript', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'], grace_period_days: 0 });
    const hugo = await newPerson({ javaScriptEnabled: false });
    const { phone } = await hugo.enroll('hugo');
    await hugo.assertInAdmin();
    await hugo.signOut();
    await hugo.enterPassword('hugo');
    await hugo.press('use-recovery-code');
    await hugo.assertOn('recovery');
    await hugo.press('use-app-code');
    await hugo.enterCode(phone.nextCode());
    await hugo.assertInAdmin();
  });

  story('the frame that asks for a new login over a page closes itself', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const ida = await newPerson();
    const { phone } = await ida.enroll('ida');
    await ida.page.goto('/wp-admin/');
    // The session ends while a page is open; WordPress notices by its heartbeat and shows the frame.
    await ida.context.clearCookies();
    await ida.page.evaluate(() => window.wp.heartbeat.connectNow());
    const frame = ida.page.frameLocator('#wp-auth-check-frame');
    await frame.locator('#user_login').fill('ida');
    await frame.locator('#user_pass').fill('ida-pass');
    await frame.locator('#wp-submit').click();
    await frame.locator('[data-page="code"]').waitFor();
    await ida.photograph('interim');
    await frame.getByTestId('code').fill(phone.wrongCode());
    await frame.getByTestId('submit-code').click();
    await frame.getByTestId('error').waitFor();
    await frame.getByTestId('code').fill(phone.nextCode());
    await frame.getByTestId('submit-code').click();
    await ida.page.waitForSelector('#wp-auth-check-wrap.hidden', { state: 'attached' });
    assert.equal(await ida.isSignedIn(), true);
  });

  story('forged forms, other addresses and frames get nowhere', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const jan = await newPerson();
    await jan.enterPassword('jan', { at: `/wp-login.php?redirect_to=${encodeURIComponent('https://example.org/')}` });
    const phone = await jan.scan();
    const headers = (await jan.page.reload()).headers();
    assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.match(headers['cache-control'], /no-store/);
    const pending = (await jan.context.cookies()).find(({ name }) => name.startsWith('mfa_sidecar_login_'));
    assert.ok(pending.httpOnly && pending.sameSite === 'Lax');
    assert.equal(pending.path, '/wp-login.php', 'no other page is sent it');

    const code = phone.nextCode();
    for (const csrf of [undefined, '', 'guessed', ['array']]) {
      const form = { do: 'confirm', code, ...(csrf === undefined ? {} : Array.isArray(csrf) ? { 'csrf[]': csrf[0] } : { csrf }) };
      const answer = await jan.context.request.post('/wp-login.php?action=mfa', { form, maxRedirects: 0 });
      assert.equal(answer.status(), 403);
    }
    const odd = await jan.context.request.post('/wp-login.php?action=mfa', { form: { 'csrf[a][b]': '1', 'do[]': 'x', 'code[]': '1' }, maxRedirects: 0 });
    assert.equal(odd.status(), 403);
    assert.equal(await jan.isSignedIn(), false);

    // Another browser with the token of this one's form, but not its cookie.
    const csrf = await jan.page.locator('input[name=csrf]').first().inputValue();
    const thief = await newPerson();
    const stolen = await thief.context.request.post('/wp-login.php?action=mfa', { form: { do: 'confirm', code, csrf }, maxRedirects: 0 });
    assert.equal(stolen.status(), 303);
    assert.match(stolen.headers().location, /mfa-message=/);
    // A cookie that was planted names nothing.
    await thief.context.addCookies([{ ...pending, value: 'a'.repeat(64) }]);
    await thief.page.goto('/wp-login.php?action=mfa');
    await thief.assertOnSignIn();

    await jan.enterCode(code);
    await jan.keepRecoveryCodes();
    await jan.assertInAdmin();
    assert.equal(new URL(jan.page.url()).origin, world.url, 'not to another site');

    const spoofed = await newPerson();
    await spoofed.page.goto('/wp-login.php?mfa-message=%3Cscript%3Ealert(1)%3C/script%3E');
    assert.equal(await spoofed.page.locator('#login_error').count(), 0, 'only sentences of the plugin can be shown');
  });

  story('a code by e-mail has been sent by the time its page is there', async (world, newPerson) => {
    // The service sends to one address every 30 seconds at most; the stories in between have taken nearly as long.
    await pause(Math.max(0, sentAt + 31_000 - Date.now()));
    await world.policy({ mode: 'required', methods: ['totp', 'email'] });
    const david = await newPerson();
    await david.enterPassword('david');
    await david.get('code').waitFor();
    const code = world.receivedCode('mail');
    await david.page.reload();
    assert.equal(world.receivedCode('mail'), code, 'a reload sends no other');
    await david.inspect('code-email');
    await david.enterCode(code);
    await david.assertInAdmin();
    await david.signOut();
  });

  story('the database does not tell what waits in it', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const klara = await newPerson();
    await klara.enterPassword('klara');
    const phone = await klara.scan();
    await klara.enterCode(phone.nextCode());
    await klara.assertOn('recovery-codes');
    const codes = (await klara.get('recovery-code').allInnerTexts()).map((text) => text.trim());
    const stored = await world.php("global $wpdb; return $wpdb->get_col(\"SELECT option_value FROM $wpdb->options WHERE option_name LIKE '%mfa_sidecar%'\");");
    assert.ok(stored.length > 0);
    for (const code of codes) assert.ok(!stored.some((value) => value.includes(code) || atob64(value).includes(code)));
  });
}

const atob64 = (text) => Buffer.from(text, 'base64').toString('latin1');
