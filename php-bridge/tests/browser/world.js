// A world for one story: a service, a demo host and a post office of their own, on free loopback ports, with their data
// in a temporary folder. stop() ends them by process and fails when one did not go the way it should.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports.js';

const bridge = new URL('../../', import.meta.url).pathname;
// Recovery codes are hashed at low priority: on a busy computer their full cost would outlast the bridge's patience.
const serviceEnv = { ...process.env, MFA_SIDECAR_RECOVERY_CODE_HASH: 'm=8,t=1,p=1', MFA_SIDECAR_INSECURE_TEST_COST: '1' };
const sidecar = process.env.SIDECAR_BIN ?? join(bridge, '../target/debug/mfa-sidecar');

export async function createWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'mfa-story-'));
  const dataDir = join(dir, 'service');
  const hostDir = join(dir, 'host');
  mkdirSync(hostDir);
  const postOffice = await openPostOffice(dir, join(hostDir, 'messages.jsonl'));
  const service = await startService(dir, dataDir, postOffice.env);

  const key = (role) => {
    const args = ['key', 'create', '--data-dir', dataDir, '--name', role, '--role', role];
    const text = execFileSync(sidecar, args, { encoding: 'utf8' }).trim();
    const file = join(dir, `${role}.key`);
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    return { file, text };
  };
  const bridgeKey = key('bridge');
  const adminKey = key('admin');

  const env = {
    ...process.env,
    MFA_SIDECAR_URL: service.url,
    MFA_SIDECAR_BRIDGE_KEY_FILE: bridgeKey.file,
    MFA_SIDECAR_ADMIN_KEY_FILE: adminKey.file,
    DEMO_DATA_DIR: hostDir,
  };
  execFileSync('php', [join(bridge, 'demo/bin/create-users.php')], { env });
  const host = await startHost(dir, env).catch(async (error) => {
    await service.stop();
    await postOffice.close();
    throw error;
  });

  return {
    url: host.url,
    serviceUrl: service.url,
    stopService: service.stop,
    closePostOffice: postOffice.close,

    /** What was sent so far, the newest last: {kind: 'mail' or 'sms', to, subject, text}. */
    messages: postOffice.messages,

    /** The newest code that was sent so. Codes have left before their page is shown; notices come when they come. */
    receivedCode(kind) {
      const codes = postOffice.messages().filter((message) => message.kind === kind).map(({ text }) => text.match(/\b\d{6}\b/)?.[0]);
      const newest = codes.findLast((code) => code !== undefined);
      assert.ok(newest, `no code was sent by ${kind}`);
      return newest;
    },

    /** What an API client does: a call with the admin key. */
    async api(method, path, body) {
      const headers = { Authorization: `Bearer ${adminKey.text}` };
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      const response = await fetch(service.url + path, { method, headers, body: JSON.stringify(body) });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    },

    async stop() {
      try {
        await host.stop();
        await service.stop();
        await postOffice.close();
        const complaints = readFileSync(host.log, 'utf8').split('\n').filter((line) => /PHP (Warning|Notice|Deprecated|Fatal|Parse)/.test(line));
        assert.deepEqual(complaints, [], 'PHP complained in the demo host');
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

/** The same for the extension for CiviCRM: in the place of the demo host its stand-in for CiviCRM. */
export async function createCivicrmWorld() {
  const dir = mkdtempSync(join(tmpdir(), 'mfa-civicrm-'));
  const siteDir = join(dir, 'site');
  mkdirSync(join(siteDir, 'templates_c'), { recursive: true });
  const postOffice = await openPostOffice(dir, join(dir, 'messages.jsonl'));
  const service = await startService(dir, join(dir, 'service'), postOffice.env);
  const key = (role) => execFileSync(sidecar, ['key', 'create', '--data-dir', join(dir, 'service'), '--name', role, '--role', role], { encoding: 'utf8' }).trim();
  const user = (id, name, role) => ({
    id,
    username: name,
    uf_name: `${name}@example.org`,
    hashed_password: execFileSync('php', ['-r', 'echo password_hash($argv[1], PASSWORD_DEFAULT);', `${name}-demo`], { encoding: 'utf8' }),
    is_active: true,
    language: null,
    'roles:name': [role],
    'contact_id.phone_primary.phone': null,
  });
  const bridgeKey = key('bridge');
  const adminKey = key('admin');
  writeFileSync(join(siteDir, 'civicrm.log'), '');
  writeFileSync(join(siteDir, 'state.json'), JSON.stringify({ settings: {}, users: { 1: user(1, 'admin', 'admin'), 2: user(2, 'alice', 'staff') } }));

  const port = await freePort();
  const log = join(dir, 'host.log');
  const host = start('php', ['-S', `127.0.0.1:${port}`, join(bridge, 'tests/Civicrm/Standin/index.php')], log, { ...process.env, STANDIN_DIR: siteDir });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/civicrm/login`, host, log);
  return {
    url,
    serviceUrl: service.url,
    bridgeKey,
    adminKey,
    stopService: service.stop,
    messages: postOffice.messages,
    async stop() {
      try {
        await end(host);
        await service.stop();
        await postOffice.close();
        const complaints = readFileSync(log, 'utf8').split('\n').filter((line) => /PHP (Warning|Notice|Deprecated|Fatal|Parse)/.test(line));
        assert.deepEqual(complaints, [], 'PHP complained in the stand-in');
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  };
}

/** Takes the mail and the text messages that the service sends. */
async function openPostOffice(dir, file) {
  const [smtpPort, smsPort] = [await freePort(), await freePort()];
  const log = join(dir, 'post-office.log');
  const process = start('php', [join(bridge, 'demo/bin/post-office.php'), `${smtpPort}`, `${smsPort}`, file], log, { PATH: globalThis.process.env.PATH });
  for (let tries = 0; !readFileSync(log, 'utf8').includes('is open'); tries++) {
    assert.ok(tries < 100 && process.exitCode === null, `the post office did not open: ${readFileSync(log, 'utf8')}`);
    await pause(50);
  }
  return {
    env: {
      MFA_SIDECAR_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      MFA_SIDECAR_MAIL_FROM: 'Harbour <mfa@harbour.example>',
      MFA_SIDECAR_SMS_PROFILE: 'json',
      MFA_SIDECAR_SMS_URL: `http://127.0.0.1:${smsPort}/`,
      MFA_SIDECAR_SMS_FROM: 'Harbour',
    },
    messages() {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    },
    close: () => end(process),
  };
}

async function startService(dir, dataDir, env) {
  const port = await freePort();
  const log = join(dir, 'service.log');
  const process = start(sidecar, ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', dataDir], log, { ...serviceEnv, ...env });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/readyz`, process, log);
  let stopped = false;
  return {
    url,
    async stop() {
      if (stopped) return;
      stopped = true;
      const { code } = await end(process);
      assert.equal(code, 0, `the service ended with ${code}: ${readFileSync(log, 'utf8').slice(-2000)}`);
    },
  };
}

async function startHost(dir, env) {
  const port = await freePort();
  const log = join(dir, 'host.log');
  const docroot = join(bridge, 'demo/public');
  const process = start('php', ['-S', `127.0.0.1:${port}`, '-t', docroot, join(docroot, 'index.php')], log, env);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/`, process, log);
  return { url, log, stop: () => end(process) };
}

function start(command, args, log, env) {
  const out = openSync(log, 'a');
  const child = spawn(command, args, { env, stdio: ['ignore', out, out] });
  closeSync(out);
  child.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.code }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return child;
}

function end(child) {
  child.kill('SIGTERM');
  return child.ended;
}

async function untilReady(url, child, log) {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await pause(100);
  }
  child.kill('SIGKILL');
  throw new Error(`${url} did not get ready (exit code ${child.exitCode}): ${readFileSync(log, 'utf8').slice(-2000)}`);
}
