// Profile » Security: people look after their own second step.

import assert from 'node:assert/strict';

const SECURITY = { editor: '/wp-admin/profile.php?page=mfa-sidecar-security' };

async function confirm(person, name, code) {
  await person.assertOn('confirm');
  await person.get('password').fill(`${name}-pass`);
  await person.press('confirm-password');
  if (code !== undefined) {
    await person.assertOn('code');
    await person.enterCode(code);
  }
}

export function tellSelfService(story) {
  story('people set up, name, add and remove their own ways', async (world, newPerson) => {
    await world.policy({ mode: 'optional', methods: ['totp', 'email'], grace_period_days: 0, trusted_device_days: 0 });
    const leo = await newPerson();
    await leo.enterPassword('leo');
    await leo.assertInAdmin();
    await leo.page.goto('/wp-admin/profile.php');
    await leo.get('profile-security').scrollIntoViewIfNeeded();
    await leo.photograph('profile');
    await leo.press('profile-security');
    await leo.assertOn('security-overview');
    assert.equal(await leo.get('mfa-state').getAttribute('data-state'), 'off');
    await leo.inspect('security-off');

    // Nothing is enrolled: the password is all there is to prove.
    await leo.press('add-authenticator');
    await leo.assertOn('confirm');
    await leo.inspect('confirm');
    await leo.get('password').fill('wrong');
    await leo.press('confirm-password');
    assert.match(await leo.error(), /not right/);
    await confirm(leo, 'leo');
    await leo.assertOn('security-add');
    await leo.inspect('security-add');
    await leo.press('set-up-totp');
    await leo.get('qr').waitFor();
    await leo.inspect('security-setup');
    const { Phone } = await import('../browser/phone.js');
    const phone = new Phone(await leo.get('otpauth-link').getAttribute('href'));
    await leo.enterCode(phone.nextCode());
    await leo.assertOn('recovery-codes');
    await leo.keepRecoveryCodes();
    await leo.assertOn('security-overview');
    await leo.get('notice').waitFor();
    assert.equal(await leo.get('mfa-state').getAttribute('data-state'), 'on');
    await leo.inspect('security-on');

    await leo.press('rename');
    await leo.get('name').fill('Work <b>phone</b>');
    await leo.inspect('security-rename');
    await leo.press('save-name');
    await leo.assertOn('security-overview');
    assert.equal(await leo.get('authenticator-name').innerText(), 'Work <b>phone</b>');

    // The password was typed a moment ago, but now there is a factor, and it has to be proven.
    await leo.press('add-authenticator');
    await confirm(leo, 'leo', phone.nextCode());
    await leo.assertOn('security-add');
    await leo.press('set-up-email');
    await leo.press('send-known');
    await leo.enterCode(world.receivedCode('mail'));
    await leo.assertOn('security-overview');
    assert.equal(await leo.get('authenticator').count(), 2);
    await leo.inspect('security-two');

    await leo.page.locator('[data-method="email"]').getByTestId('remove').click();
    await leo.assertOn('security-remove');
    await leo.inspect('security-remove');
    await leo.press('confirm-remove');
    await leo.assertOn('security-overview');
    assert.equal(await leo.get('authenticator').count(), 1);
    const url = leo.page.url();
    const forged = await leo.context.request.post(url, { form: { do: 'disable', csrf: 'guessed' }, maxRedirects: 0 });
    assert.equal(forged.status(), 403);
    assert.equal((await world.api('GET', `/v1/users/${await world.userId('leo')}`)).enrolled, true);
  });

  story('where the second step is required the last way cannot go', async (world, newPerson) => {
    await world.policy({ mode: 'required', methods: ['totp'] });
    const noah = await newPerson();
    await noah.enroll('noah');
    await noah.page.goto(SECURITY.editor);
    await noah.assertOn('security-overview');
    assert.equal(await noah.get('disable').count(), 0);
    await noah.press('remove');
    await confirm(noah, 'noah');
    await noah.assertOn('code');
    // Half a confirmation is none.
    await noah.page.goto(`${SECURITY.editor}&view=remove`);
    assert.notEqual(await noah.page.locator('[data-page="security-remove"]').count(), 1);
    await noah.photograph('step-up');
  });

  story('without the service the page says so', async (world, newPerson) => {
    await world.policy({ mode: 'optional', methods: ['totp'] });
    const olga = await newPerson();
    await olga.enterPassword('olga');
    await olga.assertInAdmin();
    world.proxy.become('down');
    const answer = await olga.page.goto(SECURITY.editor);
    assert.equal(answer.status(), 503);
    assert.match(await olga.error(), /cannot be shown or changed right now/);
    await olga.inspect('security-blocked', '.wrap');
  });
}
