// A network of sites: one policy, one second step, whichever site somebody signs in on.

import assert from 'node:assert/strict';
import { tellIn } from './telling.js';

const story = tellIn('debian', { multisite: true });

// WordPress takes the colon out of the domain of a new site, so it is put back.
const makeSite = (world) => world.php(`global $wpdb;
  $domain = get_network()->domain;
  $site = wp_insert_site(['domain' => $domain, 'path' => '/second/', 'title' => 'Second', 'user_id' => 1]);
  $wpdb->update($wpdb->blogs, ['domain' => $domain], ['blog_id' => $site]);
  clean_blog_cache($site);
  return update_blog_option($site, 'siteurl', "http://$domain/second") && update_blog_option($site, 'home', "http://$domain/second");`);

story('the plugin is the network’s, and so are its settings', async (world, newPerson) => {
  await makeSite(world);
  assert.equal(await world.php("$error = activate_plugin('mfa-sidecar/mfa-sidecar.php', '', false); return is_wp_error($error) ? $error->get_error_message() : is_plugin_active_for_network('mfa-sidecar/mfa-sidecar.php');"), true, 'there is no activation for one site');
  await world.policy({ mode: 'disabled', methods: ['totp'], required_roles: [], exempt_roles: [] });
  const admin = await newPerson();
  await admin.enterPassword('admin');
  await admin.page.goto('/wp-admin/network/settings.php?page=mfa-sidecar');
  await admin.assertOn('settings');
  await admin.get('policy-mode').selectOption('totp-required');
  await admin.press('policy-save');
  await admin.get('notice').waitFor();
  assert.equal((await world.api('GET', '/v1/policy')).mode, 'required');
  await admin.inspect('network-settings');
  const answer = await admin.context.request.get('/wp-admin/options-general.php?page=mfa-sidecar', { maxRedirects: 0 });
  assert.equal(answer.status(), 403, 'a single site has no such page');
});

story('a second site asks as the first does', async (world, newPerson) => {
  await world.policy({ mode: 'required', methods: ['totp'] });
  await world.php("return add_user_to_blog(get_sites(['path' => '/second/'])[0]->blog_id, get_user_by('login', 'anna')->ID, 'author');");
  const anna = await newPerson();
  await anna.enterPassword('anna', { at: '/second/wp-login.php' });
  const phone = await anna.scan();
  assert.match(anna.page.url(), /\/second\/wp-login\.php\?action=mfa/);
  assert.deepEqual(await anna.sessionCookies(), []);
  await anna.enterCode(phone.nextCode());
  await anna.keepRecoveryCodes();
  await anna.assertInAdmin();
  assert.match(anna.page.url(), /\/second\/wp-admin\//);
  await anna.signOut();
  await anna.enterPassword('anna');
  await anna.assertOn('code');
  await anna.enterCode(phone.nextCode());
  await anna.assertInAdmin();
});

story('a role on any site counts, for a session opens them all', async (world, newPerson) => {
  await world.policy({ mode: 'required', methods: ['totp'], required_roles: ['editor'] });
  const carla = await newPerson();
  await carla.enterPassword('carla', { at: '/second/wp-login.php' });
  await carla.assertOn('setup');
  const ben = await newPerson();
  await ben.enterPassword('ben', { at: '/second/wp-login.php' });
  await ben.page.waitForURL(/wp-admin/);
  assert.equal(await ben.isSignedIn(), true, 'a subscriber of the first site need not');
  await world.policy({ required_roles: ['super_admin'] });
  const admin = await newPerson();
  await admin.enterPassword('admin');
  await admin.assertOn('setup');
  await world.policy({ required_roles: [] });
});

story('the network’s administrators see and help its users', async (world, newPerson) => {
  await world.policy({ mode: 'disabled' });
  const admin = await newPerson();
  await admin.enterPassword('admin');
  await world.policy({ mode: 'required' });
  await admin.page.goto('/wp-admin/network/users.php');
  const id = await world.userId('anna');
  assert.equal(await admin.get(`state-${id}`).getAttribute('data-state'), 'enrolled');
  await admin.get(`mfa-remove-${id}`).focus();
  await admin.get(`mfa-remove-${id}`).click();
  await admin.assertOn('mfa-remove');
  await admin.press('confirm');
  await admin.get('notice').waitFor();
  assert.equal(await admin.get(`state-${id}`).getAttribute('data-state'), 'not-enrolled');

  // Who only leaves a site is not forgotten; who is deleted is.
  const isKnown = async () => (await fetch(`${world.serviceUrl}/v1/users/${id}`, { headers: { Authorization: `Bearer ${world.keys.admin}` } })).status === 200;
  await world.php(`return wp_delete_user(${id});`);
  assert.equal(await isKnown(), true);
  await world.php(`require_once ABSPATH . 'wp-admin/includes/ms.php'; return wpmu_delete_user(${id});`);
  assert.equal(await isKnown(), false);
});

story('deleted it leaves nothing behind in the network', async (world) => {
  await world.php("deactivate_plugins('mfa-sidecar/mfa-sidecar.php', false, true); return true;");
  assert.equal(await world.php("return delete_plugins(['mfa-sidecar/mfa-sidecar.php']) === true;"), true);
  assert.deepEqual(await world.php(`global $wpdb;
    return [
      ...$wpdb->get_col("SELECT meta_key FROM $wpdb->sitemeta WHERE meta_key LIKE '%mfa%' OR (meta_value LIKE '%mfa_sidecar%' AND meta_key NOT LIKE '%plugin%')"),
      ...$wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%mfa%'"),
      ...$wpdb->get_col("SELECT meta_key FROM $wpdb->usermeta WHERE meta_value LIKE '%mfa_sidecar%'"),
    ];`), []);
});
