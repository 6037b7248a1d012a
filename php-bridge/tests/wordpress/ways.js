// Ways past the login form, and a service that is gone: each must end in a denial that a person understands.

import assert from 'node:assert/strict';

const xmlrpc = async (world, name, password) => {
  const body = `<?xml version="1.0"?><methodCall><methodName>wp.getUsersBlogs</methodName><params>
    <param><value><string>${name}</string></value></param><param><value><string>${password}</string></value></param></params></methodCall>`;
  const response = await fetch(`${world.url}/xmlrpc.php`, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
  return { status: response.status, text: await response.text() };
};

const rest = async (world, name, password, more = {}) => {
  const headers = { ...more, Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
  const response = await fetch(`${world.url}/?rest_route=/wp/v2/users/me`, { headers });
  return { status: response.status, body: await response.json() };
};

const applicationPassword = (world, name) => world.php(`
  return WP_Application_Passwords::create_new_application_password(get_user_by('login', '${name}')->ID, ['name' => 'phone ' . wp_rand()])[0];`);

const otherPlugin = async (world, parameters) => {
  const response = await fetch(`${world.url}/?${new URLSearchParams(parameters)}`, { method: 'POST', redirect: 'manual' });
  return { status: response.status, text: await response.text(), location: response.headers.get('location'), cookies: response.headers.getSetCookie() };
};

const opensSession = (cookies) => cookies.some((cookie) => /^wordpress_(logged_in_|sec_)?[0-9a-f_]*=[^;%]+%7C/.test(cookie));

export function tellWays(story) {
  story('the password of the account opens no API while a second step applies', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    for (const name of ['felix', 'david']) {
      // felix has nothing set up yet, david has.
      if (name === 'david') await (await newPerson()).enroll('david');
      const answer = await xmlrpc(world, name, `${name}-pass`);
      assert.match(answer.text, /faultCode/);
      assert.doesNotMatch(answer.text, /isAdmin/);
      assert.equal((await rest(world, name, `${name}-pass`)).status, 401);
      assert.equal((await rest(world, name, `${name}-pass`, { 'X-Other-Plugin': 'basic' })).status, 401);
      const token = await otherPlugin(world, { 'other-plugin': 'token', who: name, password: `${name}-pass` });
      assert.equal(token.text, 'refused: mfa_sidecar_required');
      assert.equal((await otherPlugin(world, { 'other-plugin': 'token', who: name, password: 'wrong' })).text, 'refused: incorrect_password');
    }
    await world.policy({ mode: 'disabled' });
    assert.equal((await rest(world, 'felix', 'felix-pass', { 'X-Other-Plugin': 'basic' })).status, 200);
    assert.match((await xmlrpc(world, 'felix', 'felix-pass')).text, /isAdmin/);
    assert.equal((await otherPlugin(world, { 'other-plugin': 'token', who: 'felix', password: 'felix-pass' })).text, 'token for felix');
  });

  story('application passwords open the APIs, if the administrator wants it', async (world) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const password = await applicationPassword(world, 'david');
    assert.match((await xmlrpc(world, 'david', password)).text, /isAdmin/);
    const me = await rest(world, 'david', password);
    assert.equal(me.status, 200);
    assert.equal(me.body.name, 'David');
    assert.equal((await rest(world, 'felix', password)).status, 401, "somebody else's");

    await world.php("return update_site_option('mfa_sidecar_application_passwords', 'refused');");
    assert.match((await xmlrpc(world, 'david', password)).text, /faultCode/);
    assert.equal((await rest(world, 'david', password)).status, 401);
    await world.php("return update_site_option('mfa_sidecar_application_passwords', 'allowed');");
  });

  story('an application password opens no login page', async (world, newPerson) => {
    const david = await newPerson();
    await david.enterPassword('david', { password: await applicationPassword(world, 'david') });
    await david.assertOnSignIn();
    assert.equal(await david.isSignedIn(), false);
  });

  story('a cookie that another plugin sets is held back', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const id = await world.userId('greta');
    const sessions = () => world.php(`return count(WP_Session_Tokens::get_instance(${id})->get_all());`);
    for (const way of ['direct', 'cheating-hook']) {
      const answer = await otherPlugin(world, { 'other-plugin': way, who: 'greta' });
      assert.equal(answer.status, 303, way);
      assert.match(answer.location, /wp-login\.php\?action=mfa$/, way);
      assert.equal(opensSession(answer.cookies), false, way);
      assert.equal(await sessions(), 0, way);
    }
    const ajax = await otherPlugin(world, { 'other-plugin': 'ajax', who: 'greta' });
    assert.equal(ajax.status, 403);
    assert.equal(opensSession(ajax.cookies), false);
    assert.equal(await sessions(), 0);
    assert.doesNotMatch(ajax.text, /signed in/);

    // The way goes on at the second step, and leads to where the person wanted to go.
    const greta = await newPerson();
    await greta.page.goto(`/?other-plugin=direct&who=greta&redirect_to=${encodeURIComponent(`${world.url}/wp-admin/edit.php`)}`);
    const phone = await greta.scan();
    await greta.enterCode(phone.nextCode());
    await greta.keepRecoveryCodes();
    await greta.assertInAdmin();
    assert.match(greta.page.url(), /edit\.php/);
    assert.equal(await sessions(), 1);

    // Somebody who is signed in is not asked again when WordPress renews the session.
    await greta.page.goto('/?other-plugin=direct&who=greta');
    assert.match(await greta.page.content(), /signed in as greta/);
    assert.equal(await greta.isSignedIn(), true);
    // But is not somebody else by it.
    await greta.page.goto('/?other-plugin=direct&who=hugo');
    await greta.assertOn('setup');

    await world.policy({ mode: 'disabled' });
    const allowed = await otherPlugin(world, { 'other-plugin': 'direct', who: 'hugo' });
    assert.match(allowed.text, /signed in as hugo/);
    assert.equal(opensSession(allowed.cookies), true);
  });

  story('a session that no factor stands behind gives no other one', async (world, newPerson) => {
    await world.policy({ mode: 'disabled' });
    const tina = await newPerson();
    await tina.enterPassword('tina');
    await tina.assertInAdmin();
    const sessions = () => world.php("return count(WP_Session_Tokens::get_instance(get_user_by('login', 'tina')->ID)->get_all());");
    // Browsers send it to the administration only; a network, or a hand, sends it to the login page, too.
    const sendAuthCookieEverywhere = async () => {
      const cookies = await tina.context.cookies();
      const { path, ...cookie } = cookies.find((found) => /^wordpress_[0-9a-f]{32}$/.test(found.name) && found.path.endsWith('/wp-admin'));
      await tina.context.addCookies([{ ...cookie, path: '/' }]);
    };
    await sendAuthCookieEverywhere();
    await tina.page.goto('/wp-login.php');
    await tina.assertInAdmin();
    const before = await sessions();

    await world.policy({ mode: 'required', methods: ['totp'] });
    for (const way of ['/wp-login.php', '/?other-plugin=direct&who=tina']) {
      await tina.page.goto(way);
      await tina.assertOn('setup');
      assert.equal(await sessions(), before, way);
    }
    await tina.press('cancel');
    assert.equal(await tina.isSignedIn(), true, 'the session itself goes on');
    world.proxy.become('down');
    await tina.page.goto('/wp-login.php');
    await tina.assertOnSignIn();
    assert.match(await tina.signInError(), /try again in a few minutes/);
    assert.equal(await sessions(), before);
    world.proxy.become('through');

    await tina.page.goto('/wp-login.php');
    const phone = await tina.scan();
    await tina.enterCode(phone.nextCode());
    await tina.keepRecoveryCodes();
    await tina.assertInAdmin();
    await sendAuthCookieEverywhere();
    await tina.page.goto('/wp-login.php');
    await tina.assertInAdmin();
  });

  story('a login form elsewhere on the site leads through the second step', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const ida = await newPerson();
    await ida.page.goto('/?other-plugin=front-end&who=ida&password=ida-pass');
    const phone = await ida.scan();
    assert.deepEqual(await ida.sessionCookies(), []);
    await ida.enterCode(phone.nextCode());
    await ida.keepRecoveryCodes();
    assert.equal(await ida.isSignedIn(), true);
  });

  story('a plugin that renews the cookie at a login leads nobody in a circle', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    await world.php("return update_option('other_plugin_renews', 1);");
    const noah = await newPerson();
    const { phone } = await noah.enroll('noah');
    await noah.assertInAdmin();
    await noah.signOut();
    await noah.enterPassword('noah');
    await noah.enterCode(phone.nextCode());
    await noah.assertInAdmin();
    assert.ok((await noah.sessionCookies()).every(({ expires }) => expires > 0), 'and its wish is kept');
    await world.php("return delete_option('other_plugin_renews');");
  });

  story('of many who send the same code at once, one gets in', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const olga = await newPerson();
    const { phone, recoveryCodes } = await olga.enroll('olga');
    const id = await world.userId('olga');
    const race = async (form, way) => {
      await olga.signOut();
      await world.php(`WP_Session_Tokens::get_instance(${id})->destroy_all(); return true;`);
      await olga.enterPassword('olga');
      await olga.assertOn('code');
      const csrf = await olga.page.locator('input[name=csrf]').first().inputValue();
      const cookies = (await olga.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
      const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(`${world.url}/wp-login.php?action=mfa`, {
        method: 'POST', redirect: 'manual', headers: { Cookie: cookies }, body: new URLSearchParams({ ...form, csrf }),
      })));
      assert.equal(answers.filter((answer) => opensSession(answer.headers.getSetCookie())).length, 1, way);
      assert.equal(await world.php(`return count(WP_Session_Tokens::get_instance(${id})->get_all());`), 1, way);
    };
    await race({ do: 'answer', method: 'totp', code: phone.nextCode() }, 'a code of the app');
    await race({ do: 'answer', method: 'recovery_code', code: recoveryCodes[0] }, 'a recovery code');
  });

  story('a new password of one’s own keeps the session', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const leo = await newPerson();
    const { phone } = await leo.enroll('leo');
    await leo.assertInAdmin();
    await leo.page.goto('/wp-admin/profile.php');
    await leo.page.locator('.wp-generate-pw').click();
    await leo.page.locator('#pass1').fill('a new and long pass phrase 1');
    await leo.page.locator('#submit').click();
    await leo.page.waitForSelector('#message.updated');
    assert.equal(await leo.isSignedIn(), true);
    const marks = await world.php("return array_column(get_user_meta(get_user_by('login', 'leo')->ID, 'session_tokens', true), 'mfa_sidecar');");
    assert.ok(marks.length >= 1 && marks.every(({ how }) => how === 'totp'), 'the new session carries the mark of the old one');
    await leo.signOut();
    await leo.enterPassword('leo', { password: 'a new and long pass phrase 1' });
    await leo.assertOn('code');
    await leo.enterCode(phone.nextCode());
    await leo.assertInAdmin();
  });

  story('a login that waits does not outlive the password', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const jan = await newPerson();
    await jan.enterPassword('jan');
    const phone = await jan.scan();
    await world.php("wp_set_password('another one', get_user_by('login', 'jan')->ID); return true;");
    await jan.enterCode(phone.nextCode());
    await jan.assertOnSignIn();
    assert.equal(await jan.isSignedIn(), false);
  });

  story('without the service nobody gets in, and everybody reads why', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const klara = await newPerson();
    const { phone } = await klara.enroll('klara');
    await klara.signOut();
    const failures = world.events('wp_login_failed').length;
    const password = await applicationPassword(world, 'klara');

    for (const mode of ['down', 'html', 'error', 'other-version', 'problem-as-success', 'wrong-key', 'slow']) {
      world.proxy.become(mode);
      const noted = world.log().length;
      await klara.enterPassword('klara');
      await klara.assertOnSignIn();
      assert.match(await klara.signInError(), mode === 'wrong-key' ? /tell the administrator/ : /try again in a few minutes/, mode);
      assert.equal(await klara.isSignedIn(), false, mode);
      assert.match(world.log().slice(noted), /mfa-sidecar: /, `${mode}: the log says why`);
      if (mode === 'down') {
        await klara.inspect('sign-in-unavailable', '#login_error');
        assert.equal((await xmlrpc(world, 'klara', 'klara-pass')).text.includes('isAdmin'), false);
        assert.equal((await otherPlugin(world, { 'other-plugin': 'token', who: 'klara', password: 'klara-pass' })).status, 503);
        const direct = await otherPlugin(world, { 'other-plugin': 'direct', who: 'klara' });
        assert.equal(opensSession(direct.cookies), false);
        assert.match(direct.location, /wp-login\.php\?mfa-message=/);
        // They need no service.
        assert.match((await xmlrpc(world, 'klara', password)).text, /isAdmin/);
      }
    }
    assert.equal(world.events('wp_login_failed').length, failures, 'no plugin that locks out has counted any of this');

    // Gone in the middle: the login waits, and goes on when the service is back.
    world.proxy.become('through');
    await klara.enterPassword('klara');
    await klara.assertOn('code');
    world.proxy.become('down');
    const code = phone.nextCode();
    await klara.enterCode(code);
    await klara.assertOn('problem');
    assert.match(await klara.error(), /try again in a few minutes/);
    await klara.inspect('blocked');
    assert.equal(await klara.isSignedIn(), false);
    world.proxy.become('through');
    await klara.get('try-again').click();
    await klara.enterCode(code);
    await klara.assertInAdmin();
  });

  story('WordPress without the plugin’s service still serves its pages', async (world) => {
    world.proxy.become('down');
    assert.equal((await fetch(`${world.url}/`)).status, 200);
    assert.equal((await fetch(`${world.url}/wp-cron.php`)).status, 200);
    assert.equal(await world.php("return wp_authenticate('mia', 'mia-pass') instanceof WP_User;"), true, 'a shell needs no service');
  });
}
