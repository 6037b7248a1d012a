// From the zip to the first protected login, by hand.

import assert from 'node:assert/strict';
import { tellIn } from './telling.js';

const story = tellIn('playground', { settings: 'none' });

story('an administrator installs, connects and switches it on', async (world, newPerson) => {
  const admin = await newPerson();
  await admin.enterPassword('admin');
  await admin.page.goto('/wp-admin/plugins.php');
  await admin.page.locator('#activate-mfa-sidecar').click();
  await admin.page.waitForSelector('#deactivate-mfa-sidecar');
  assert.match(await admin.page.locator('.notice-warning').first().innerText(), /not connected/);
  await admin.photograph('plugins');

  // Until it is connected it changes nothing.
  const anna = await newPerson();
  await anna.enterPassword('anna');
  await anna.assertInAdmin();
  await anna.signOut();

  await admin.page.locator('tr[data-slug="mfa-sidecar"] .settings a').click();
  await admin.assertOn('settings');
  assert.equal(await admin.get('policy-mode').count(), 0);
  await admin.inspect('settings-new');
  await admin.press('connection-test');
  await admin.get('error').first().waitFor();
  assert.equal(await admin.get('error').count(), 2);
  await admin.get('url').fill(world.proxy.url);
  await admin.get('mfa-sidecar-bridge-key').fill(` ${world.keys.bridge} `);
  await admin.press('connection-save');
  await admin.get('notice').waitFor();
  assert.equal(await admin.get('policy-mode').count(), 0, 'that takes the admin key');
  await admin.get('mfa-sidecar-admin-key').fill(world.keys.admin);
  await admin.press('connection-save');
  await admin.get('policy-mode').selectOption('totp-required');
  await admin.press('policy-save');
  await admin.get('notice').waitFor();
  assert.equal(await admin.isSignedIn(), true, 'who is signed in stays signed in');

  await anna.enterPassword('anna');
  await anna.assertOn('setup');
});
