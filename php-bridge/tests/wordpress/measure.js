// How long a WordPress login takes from the password to the redirect, without the plugin and with it. Prints
// milliseconds: `node measure.js [LOGINS]`. Debian's WordPress under nginx and php-fpm, everything on this computer.

import assert from 'node:assert/strict';
import { Phone } from '../browser/phone.js';
import { createWorld } from './world.js';

const logins = Number(process.argv[2] ?? 300);
const people = ['anna', 'ben', 'carla', 'david', 'emma', 'felix', 'greta', 'hugo', 'ida', 'jan'];
const world = await createWorld('debian');

async function measure(title, leadsTo) {
  // Old sessions would make each login a little slower than the one before.
  await world.php("global $wpdb; $wpdb->delete($wpdb->usermeta, ['meta_key' => 'session_tokens']); return true;");
  const times = [];
  for (let round = -20; round < logins; round++) {
    const name = people[(round + 20) % people.length];
    const began = performance.now();
    const answer = await fetch(`${world.url}/wp-login.php`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Cookie: 'wordpress_test_cookie=WP%20Cookie%20check' },
      body: new URLSearchParams({ log: name, pwd: `${name}-pass`, testcookie: '1' }),
    });
    await answer.arrayBuffer();
    if (round >= 0) times.push(performance.now() - began);
    assert.match(answer.headers.get('location') ?? '', leadsTo, title);
  }
  times.sort((a, b) => a - b);
  const at = (part) => times[Math.ceil(part * times.length) - 1].toFixed(1).padStart(7);
  console.log(`${title.padEnd(44)} p50 ${at(0.5)}   p99 ${at(0.99)}`);
}

/** Past WordPress: only the time of its logins is of interest here. */
async function enroll(name) {
  const id = await world.userId(name);
  const bridge = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${world.keys.bridge}`, 'Content-Type': 'application/json' };
    const response = await fetch(`${world.serviceUrl}/v1/users/${id}${path}`, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${method} ${path}: ${response.status}`);
    return response.status === 204 ? null : response.json();
  };
  await bridge('PUT', '', { name });
  const begun = await bridge('POST', '/enrollments', { method: 'totp' });
  await bridge('POST', `/enrollments/${begun.id}/confirm`, { code: new Phone(begun.otpauth_uri).nextCode() });
}

try {
  await world.php("deactivate_plugins('mfa-sidecar/mfa-sidecar.php'); return true;");
  await measure('without the plugin', /wp-admin/);
  await world.php("activate_plugin('mfa-sidecar/mfa-sidecar.php'); return true;");
  // Straight to the service, as on a real site.
  await world.php(`return update_site_option('mfa_sidecar_url', '${world.serviceUrl}');`);
  await world.policy({ mode: 'disabled' });
  await measure('with it, policy disabled: signed in', /wp-admin/);
  await world.policy({ mode: 'required' });
  await measure('with it, required: led to the set-up', /action=mfa/);
  for (const name of people) await enroll(name);
  await measure('with it, required: led to the code', /action=mfa/);
  await world.php("deactivate_plugins('mfa-sidecar/mfa-sidecar.php'); return true;");
  await measure('without the plugin, once more', /wp-admin/);
} finally {
  await world.stop();
}
