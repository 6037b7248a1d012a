// The extension for CiviCRM in a browser: its forms go through core's API call without a page load.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { arrive, launch } from './person.js';
import { createCivicrmWorld } from './world.js';

let browser;
let world;
before(async () => {
  browser = await launch();
  world = await createCivicrmWorld();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

/** The password, as core's login page sends it. */
const password = async (person, name) => {
  await person.page.goto('/civicrm/login');
  const url = await person.page.evaluate(async (identifier) => {
    const answer = await CRM.api4('User', 'login', { identifier, password: `${identifier}-demo`, originalUrl: location.href });
    return answer.url;
  }, name);
  await person.page.goto(url);
};

const assertOn = (person, page) => person.page.waitForSelector(`[data-page="${page}"]`, { state: 'attached' });
const mark = (person) => person.page.evaluate(() => { window.isSamePage = true; });
const isSamePage = (person) => person.page.evaluate(() => window.isSamePage === true);

/** Sets up an app and goes on to where the login leads. */
const setUp = async (person, name) => {
  await password(person, name);
  const phone = await scan(person);
  await person.get('code').fill(phone.nextCode());
  await person.get('code').press('Enter');
  await assertOn(person, 'recoverycodes');
  await person.get('saved').check();
  await person.get('continue').click();
  await assertOn(person, 'civicrm/home');
  return phone;
};

const scan = async (person) => {
  await assertOn(person, 'login');
  const { Phone } = await import('./phone.js');
  const phone = Phone.scan(await person.page.screenshot({ fullPage: true }));
  assert.equal(phone.secret, await person.get('secret').getAttribute('data-secret'));
  return phone;
};

test('an administrator connects the service and requires an app', { timeout: 60_000 }, async () => {
  const admin = await arrive(browser, world.url);
  await password(admin, 'admin');
  await assertOn(admin, 'civicrm/home');
  await admin.page.goto('/civicrm/admin/mfa');
  await admin.get('url').fill(world.serviceUrl);
  await admin.get('mfasidecar_bridge_key').fill(world.bridgeKey);
  await admin.get('mfasidecar_admin_key').fill(world.bridgeKey);
  await mark(admin);
  await admin.get('test').click();
  await admin.page.waitForSelector('[data-ok="0"]');
  assert.equal(await admin.page.locator('[data-ok="1"]').count(), 1, 'the key for logins is right');
  assert.ok(await isSamePage(admin), 'what was typed is still there');
  await admin.get('mfasidecar_admin_key').fill(world.adminKey);
  await admin.get('save').click();
  await admin.get('policy').waitFor();
  await admin.inspect('civicrm-admin');
  await admin.get('policy').selectOption('totp-required');
  await admin.get('save').click();
  await admin.get('policy').waitFor();
  assert.equal(await admin.get('policy').inputValue(), 'totp-required');
  await admin.leave();
});

test('alice sets up an app, and from then on is asked for its code', { timeout: 90_000 }, async () => {
  const alice = await arrive(browser, world.url);
  await password(alice, 'alice');
  await alice.inspect('civicrm-setup');
  const phone = await scan(alice);
  await alice.get('copy-secret').click();
  assert.equal(await alice.clipboard(), phone.secret);

  await mark(alice);
  await alice.get('code').fill(phone.wrongCode());
  await alice.get('submit-code').click();
  await alice.get('error').waitFor();
  assert.match(await alice.error(), /4 tries left/);
  assert.ok(await isSamePage(alice), 'a wrong code loads no page');
  assert.equal(await alice.get('code').inputValue(), '', 'the field is empty for the next code');
  assert.equal(await alice.get('code').getAttribute('aria-invalid'), 'true');
  assert.ok(await alice.get('code').evaluate((field) => field === document.activeElement), 'the field has the focus');
  await alice.inspect('civicrm-setup-error');

  await alice.get('code').fill(phone.nextCode());
  await alice.get('submit-code').click();
  await assertOn(alice, 'recoverycodes');
  await alice.inspect('civicrm-recovery-codes');
  const codes = await alice.get('recovery-code').allInnerTexts();
  await alice.get('saved').check();
  await alice.get('continue').click();
  await assertOn(alice, 'civicrm/home');
  await alice.leave();

  const again = await arrive(browser, world.url);
  await password(again, 'alice');
  await again.inspect('civicrm-code');
  await again.get('use-recovery-code').click();
  await again.get('recovery-code-input').fill(codes[0].trim());
  await again.get('submit-code').click();
  await assertOn(again, 'civicrm/home');
  await again.leave();

  const byForm = await arrive(browser, world.url);
  await password(byForm, 'alice');
  await byForm.get('cancel').click();
  await assertOn(byForm, 'civicrm/login');
  await byForm.leave();

  const plain = await arrive(browser, world.url, { javaScriptEnabled: false });
  const answer = await plain.context.request.post('/civicrm/ajax/api4/User/login', {
    headers: { 'X-Requested-With': 'XMLHttpRequest' },
    form: { params: JSON.stringify({ identifier: 'alice', password: 'alice-demo' }) },
  });
  await plain.page.goto((await answer.json()).values.url);
  await plain.get('code').fill(phone.nextCode());
  await plain.get('submit-code').click();
  await assertOn(plain, 'civicrm/home');
  await plain.leave();
});

test('a method is chosen and its code arrives', { timeout: 60_000 }, async () => {
  const admin = await arrive(browser, world.url);
  await setUp(admin, 'admin');
  await admin.page.goto('/civicrm/admin/mfa/user?id=2');
  await admin.get('remove').click();
  await admin.get('nothing').waitFor();
  await admin.page.goto('/civicrm/admin/mfa');
  await admin.get('rules').locator('summary').click();
  await admin.get('policy').selectOption('custom');
  await admin.get('method-email').check();
  await admin.get('replace-weak').check();
  await admin.inspect('civicrm-rules');
  await admin.get('save').click();
  await admin.get('policy').waitFor();
  assert.ok(await admin.get('replace-weak').isChecked());
  await admin.leave();

  const alice = await arrive(browser, world.url);
  await password(alice, 'alice');
  await alice.inspect('civicrm-choice');
  await alice.get('set-up-email').click();
  await alice.get('send-known').click();
  await alice.get('code').waitFor();
  await alice.inspect('civicrm-email');
  const mail = world.messages().filter(({ to, text }) => to === 'alice@example.org' && /\b\d{6}\b/.test(text)).at(-1);
  await alice.get('code').fill(mail.text.match(/\b\d{6}\b/)[0]);
  await alice.get('submit-code').click();
  await assertOn(alice, 'recoverycodes');
  await alice.leave();
});

test('without the service nobody gets in, and everybody reads why', { timeout: 60_000 }, async () => {
  const alice = await arrive(browser, world.url);
  await password(alice, 'alice');
  await assertOn(alice, 'login');
  await world.stopService();
  const button = alice.page.locator('.mfa-form [data-testid="submit-code"], .mfa-form [data-testid="send-code"]');
  const code = alice.get('code');
  if (await code.count()) await code.fill('123456');
  await mark(alice);
  await button.first().click();
  await alice.get('error').waitFor();
  assert.match(await alice.error(), /cannot check your second step right now/);
  assert.ok(await isSamePage(alice));
  await alice.page.goto('/civicrm/mfa/sidecar');
  assert.match(await alice.get('blocked').innerText(), /cannot check your second step right now/);
  await alice.leave();
});
