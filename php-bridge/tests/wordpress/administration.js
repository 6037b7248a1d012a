// Settings » Multi-Factor Authentication, Site Health, deleted users.

import assert from 'node:assert/strict';

const SETTINGS = '/wp-admin/options-general.php?page=mfa-sidecar';

export function tellAdministration(story) {
  let admin;

  story('the drop-down and the rules are the service’s, and nobody overwrites what they have not seen', async (world, newPerson) => {
    await world.policy({ mode: 'disabled', methods: ['totp'], required_roles: [], exempt_roles: [], grace_period_days: 0, trusted_device_days: 0, self_service: true });
    admin = await newPerson();
    await admin.enterPassword('admin');
    await admin.page.goto(SETTINGS);
    await admin.assertOn('settings');
    assert.equal(await admin.get('policy-mode').inputValue(), 'disabled');
    await admin.get('policy-mode').selectOption('totp-required');
    await admin.press('policy-save');
    assert.match(await admin.get('notice').innerText(), /next sign-in/);
    assert.equal(await admin.get('policy-mode').inputValue(), 'totp-required');
    assert.equal((await world.api('GET', '/v1/policy')).mode, 'required');
    await admin.inspect('settings');

    // Changed by an API client in between.
    await world.policy({ trusted_device_days: 5 });
    await admin.get('policy-mode').selectOption('disabled');
    await admin.press('policy-save');
    assert.match(await admin.error(), /Somebody else has changed this/);
    assert.equal((await world.api('GET', '/v1/policy')).mode, 'required');

    if (!await admin.get('rules-mode').isVisible()) await admin.get('rules-open').click();
    await admin.get('rules-mode').selectOption('optional');
    await admin.get('rules-method-email').check();
    await admin.get('rules-grace-days').fill('14');
    await admin.get('rules-trusted-days').fill('30');
    await admin.get('rules-required-administrator').check();
    await admin.get('rules-exempt-subscriber').check();
    await admin.get('rules-self-service').uncheck();
    await admin.get('rules-replace-weak').check();
    await admin.press('rules-save');
    await admin.get('notice').waitFor();
    const policy = await world.api('GET', '/v1/policy');
    assert.deepEqual([policy.mode, policy.methods, policy.grace_period_days, policy.trusted_device_days, policy.required_roles, policy.exempt_roles, policy.self_service, policy.replace_weak_secrets], ['optional', ['totp', 'email'], 14, 30, ['administrator'], ['subscriber'], false, true]);
    assert.equal(await admin.get('policy-mode').inputValue(), '', 'finer than the drop-down');
    await admin.inspect('settings-rules');
    await admin.get('rules-method-email').uncheck();
    await admin.get('rules-method-totp').uncheck();
    await admin.press('rules-save');
    assert.match(await admin.error(), /do not go together/);
    await world.policy({ mode: 'disabled', methods: ['totp'], required_roles: [], exempt_roles: [], grace_period_days: 0, trusted_device_days: 0, self_service: true, replace_weak_secrets: false });
  });

  story('keys are never shown, kept when left empty, and saved only when they work', async (world, newPerson) => {
    admin = await newPerson();
    await admin.enterPassword('admin');
    const html = await (await admin.page.goto(SETTINGS)).text();
    for (const key of Object.values(world.keys)) assert.ok(!html.includes(key), 'a key is on the page');
    const allOptions = await (await admin.page.goto('/wp-admin/options.php')).text();
    for (const secret of [...Object.values(world.keys), world.proxy.url]) assert.ok(!allOptions.includes(secret), 'WordPress’ own list shows it');
    await admin.page.goto(SETTINGS);
    await admin.press('connection-test');
    assert.equal(await admin.get('notice').count(), 2);
    await admin.photograph('settings-test');

    const stored = () => world.php("return array_map(fn ($name) => get_site_option(\"mfa_sidecar_$name\")['value'], ['url', 'bridge_key', 'admin_key']);");
    const before = await stored();
    await admin.get('mfa-sidecar-bridge-key').fill('not-a-key');
    await admin.press('connection-save');
    assert.match(await admin.error(), /does not take the bridge key/);
    await admin.get('mfa-sidecar-bridge-key').fill(world.keys.admin);
    await admin.press('connection-save');
    assert.match(await admin.error(), /lacks the role/);
    for (const url of ['ftp://127.0.0.1/', 'http://127.0.0.1:1', 'nonsense', 'http://user@host/']) {
      await admin.get('url').fill(url);
      await admin.press('connection-save');
      await admin.get('error').first().waitFor();
      assert.deepEqual(await stored(), before, url);
    }
    assert.match(await admin.error(), /for another address enter them again/, 'a stored key goes to its own address only');
    await admin.press('connection-test');
    assert.match(await admin.error(), /for another address enter them again/);
    await admin.inspect('settings-error');
    await admin.get('url').fill('nonsense');
    await admin.get('mfa-sidecar-bridge-key').fill('key');
    await admin.get('mfa-sidecar-admin-key').fill('key');
    await admin.press('connection-save');
    assert.match(await admin.error(), /The address has to be/);
    assert.deepEqual(await stored(), before);
    // The same service by another name: its keys have to be typed.
    const moved = before[0].replace('127.0.0.1', 'localhost');
    await admin.get('url').fill(moved);
    await admin.get('mfa-sidecar-bridge-key').fill(world.keys.bridge);
    await admin.get('mfa-sidecar-admin-key').fill(world.keys.admin);
    await admin.press('connection-save');
    await admin.get('notice').waitFor();
    assert.deepEqual(await stored(), [moved, ...before.slice(1)]);
    before[0] = moved;
    await admin.page.goto(SETTINGS);
    await admin.get('application-passwords').selectOption('refused');
    await admin.press('connection-save');
    await admin.get('notice').waitFor();
    assert.deepEqual(await stored(), before, 'empty fields keep the keys');
    assert.equal(await admin.get('application-passwords').inputValue(), 'refused');
    await admin.get('application-passwords').selectOption('allowed');
    await admin.press('connection-save');
    await admin.get('notice').waitFor();

    const forged = await admin.context.request.post(SETTINGS, { form: { do: 'policy', policy: 'disabled', _wpnonce: 'guessed' }, maxRedirects: 0 });
    assert.equal(forged.status(), 403);
    const rosa = await newPerson();
    await rosa.enterPassword('rosa');
    await rosa.assertInAdmin();
    const answer = await rosa.context.request.get(SETTINGS, { maxRedirects: 0 });
    assert.equal(answer.status(), 403);
  });

  story('Site Health knows whether the login is protected', async (world) => {
    const health = (setUp = '') => world.php(`${setUp}
      require_once ABSPATH . 'wp-admin/includes/class-wp-site-health.php';
      return (WP_Site_Health::get_tests()['direct']['mfa_sidecar']['test'])();`);
    await world.policy({ mode: 'required' });
    assert.equal((await health()).status, 'good');
    await world.policy({ mode: 'disabled' });
    assert.equal((await health()).status, 'recommended');
    world.proxy.become('wrong-key');
    assert.equal((await health()).status, 'critical');
    world.proxy.become('down');
    const down = await health();
    assert.equal(down.status, 'critical');
    assert.match(down.description, /does not answer/);
  });

  story('administration pages say when the service is gone', async (world, newPerson) => {
    await world.policy({ mode: 'disabled' });
    admin = await newPerson();
    await admin.enterPassword('admin');
    world.proxy.become('down');
    await admin.page.goto(SETTINGS);
    assert.match(await admin.error(), /cannot be asked right now/);
    await admin.page.goto('/wp-admin/users.php');
    assert.match(await admin.get(`state-${await world.userId('mia')}`).innerText(), /Not known now/);
  });

  story('a user who is deleted is forgotten at the service, at once or later', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const isKnown = async (id) => (await fetch(`${world.serviceUrl}/v1/users/${id}`, { headers: { Authorization: `Bearer ${world.keys.admin}` } })).status === 200;
    for (const name of ['sam', 'tina']) await (await newPerson()).enroll(name);
    const [sam, tina] = [await world.userId('sam'), await world.userId('tina')];
    assert.ok(await isKnown(sam) && await isKnown(tina));
    await world.php(`return wp_delete_user(${sam});`);
    assert.equal(await isKnown(sam), false);

    world.proxy.become('down');
    await world.php(`return wp_delete_user(${tina});`);
    assert.ok(await isKnown(tina));
    assert.ok(await world.php("return wp_next_scheduled('mfa_sidecar_forget');"));
    world.proxy.become('through');
    await world.php("do_action('mfa_sidecar_forget'); return true;");
    assert.equal(await isKnown(tina), false);
    assert.equal(await world.php("return get_site_option('mfa_sidecar_to_forget', 'gone');"), 'gone');
  });

  story('the constants of wp-config.php win', async (world, newPerson) => {
    await world.policy({ mode: 'disabled' });
    admin = await newPerson();
    await admin.enterPassword('admin');
    world.writeConstants({ MFA_SIDECAR_BRIDGE_KEY: 'wrong', MFA_SIDECAR_APPLICATION_PASSWORDS: 'refused' });
    await admin.page.goto(SETTINGS);
    assert.equal(await admin.get('mfa-sidecar-bridge-key').isDisabled(), true);
    assert.equal(await admin.get('application-passwords').inputValue(), 'refused');
    await admin.photograph('settings-constants');
    const mia = await newPerson();
    await mia.enterPassword('mia');
    assert.match(await mia.signInError(), /tell the administrator/);
    // An empty one is no way out either.
    world.writeConstants({ MFA_SIDECAR_URL: '' });
    await mia.enterPassword('mia');
    assert.match(await mia.signInError(), /tell the administrator/);
    world.writeConstants({});
  });

  story('deactivated it asks nobody, deleted it leaves nothing behind', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const uwe = await newPerson();
    await uwe.enroll('uwe');
    const waiting = await newPerson();
    await waiting.enterPassword('paul');
    await waiting.assertOn('setup');
    const traces = () => world.php(`global $wpdb;
      $found = $wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%mfa%' OR (option_value LIKE '%mfa_sidecar%' AND option_name NOT LIKE '%plugin%')");
      $meta = $wpdb->get_col("SELECT meta_key FROM $wpdb->usermeta WHERE meta_key LIKE '%mfa%' OR meta_value LIKE '%mfa_sidecar%'");
      return [...$found, ...$meta];`);
    assert.ok((await traces()).length > 3);
    await world.php("wp_schedule_single_event(time() + 60, 'mfa_sidecar_forget'); deactivate_plugins('mfa-sidecar/mfa-sidecar.php'); return true;");
    const mia = await newPerson();
    await mia.enterPassword('mia');
    await mia.assertInAdmin();
    assert.equal(await world.php("$result = delete_plugins(['mfa-sidecar/mfa-sidecar.php']); return is_wp_error($result) ? $result->get_error_message() : $result;"), true);
    assert.deepEqual(await traces(), []);
    assert.equal(await uwe.isSignedIn(), true, 'who was signed in stays signed in');
  });
}
