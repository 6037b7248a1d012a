// A world for the stories of one file: the service, a proxy before it, and a WordPress of their own on free loopback
// ports, with their data in a temporary folder.
//
// Two WordPresses: Debian's under nginx and php-fpm with MariaDB, and a newer one in PHP's own server with SQLite. The
// plugin is installed from the zip that people get.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../browser/ports.js';
import { startProxy } from './proxy.js';
import { end, run, start, until } from './processes.js';

const here = new URL('.', import.meta.url).pathname;
const project = join(here, '../../..');
const sidecar = process.env.SIDECAR_BIN ?? join(project, 'target/debug/mfa-sidecar');
const serviceEnv = { ...process.env, MFA_SIDECAR_RECOVERY_CODE_HASH: 'm=8,t=1,p=1', MFA_SIDECAR_INSECURE_TEST_COST: '1' };
const isRoot = process.getuid() === 0;

const PEOPLE = ['anna', 'ben', 'carla', 'david', 'emma', 'felix', 'greta', 'hugo', 'ida', 'jan', 'klara', 'leo', 'mia', 'noah', 'olga', 'paul', 'rosa', 'sam', 'tina', 'uwe', 'vera'];

/** @param flavour 'debian' or 'playground' */
export async function createWorld(flavour, { multisite = false, settings = 'options' } = {}) {
  const dir = mkdtempSync(join(tmpdir(), `mfa-wordpress-${flavour}-`));
  const parts = [];
  try {
    return await build(dir, parts, flavour, multisite, settings);
  } catch (error) {
    for (const stop of parts.reverse()) await stop();
    if (!process.env.KEEP_WORLD) rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function build(dir, parts, flavour, multisite, settings) {
  const office = await openPostOffice(dir, parts);
  const service = await startService(dir, parts, office.env);
  const proxy = await startProxy(service.url);
  parts.push(() => proxy.stop());

  const key = async (role) => (await run(sidecar, ['key', 'create', '--data-dir', join(dir, 'service'), '--name', role, '--role', role])).trim();
  const keys = { bridge: await key('bridge'), admin: await key('admin') };

  const root = join(dir, 'wordpress');
  const port = await freePort();
  const url = `http://${multisite ? 'localhost' : '127.0.0.1'}:${port}`;
  await (flavour === 'debian' ? unpackDebian : unpackPlayground)(root);
  const zip = join(dir, 'plugin.zip');
  await run(join(project, 'scripts/wordpress-zip.sh'), [zip]);
  await run('unzip', ['-q', zip, '-d', join(root, 'wp-content/plugins')]);
  mkdirSync(join(root, 'wp-content/mu-plugins'));
  cpSync(join(here, 'site/other-plugin.php'), join(root, 'wp-content/mu-plugins/other-plugin.php'));

  const database = flavour === 'debian' ? await startMariaDb(dir, parts) : null;
  const users = Object.fromEntries(PEOPLE.map((name, index) => [name, index % 2 === 0 ? 'editor' : 'subscriber']));
  const config = { url, database };
  const writeConstants = (constants) => writeFileSync(join(root, 'constants.json'), JSON.stringify(constants));
  const writeConfig = (change = {}) => writeFileSync(join(root, 'wp-config.php'), configFile({ ...config, ...change }));
  writeConstants({});
  writeConfig();
  const installed = await run('php', [join(here, 'site/install.php')], { input: JSON.stringify({ url, root, users, secret: 'pass', multisite, activate: settings !== 'none' }) });
  assert.match(installed, /installed$/, installed.replace(/<style[^]*<\/style>/, ''));
  if (multisite) writeConfig({ multisite: true });

  const serve = flavour === 'debian' ? serveByNginx : serveByPhp;
  await serve(dir, parts, root, port);

  const world = {
    flavour,
    url,
    serviceUrl: service.url,
    proxy,
    keys,
    root,
    /** What wp-config.php defines from the next request on. */
    writeConstants,

    /** What somebody with a shell can do: PHP within WordPress; answers what it returns. */
    async php(code, path = '/') {
      const output = await run('php', [join(here, 'site/eval.php'), root, url, path], { input: code });
      try {
        return JSON.parse(output);
      } catch {
        throw new Error(output.replace(/<style[^]*<\/style>/, ''));
      }
    },

    /** What WordPress has told other plugins so far: {event, detail}. */
    events(event) {
      const file = join(root, 'wp-content/events.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '') : [];
      return lines.map((line) => JSON.parse(line)).filter((entry) => entry.event === event).map(({ detail }) => detail);
    },

    /** The host's log: what was asked of the service and failed is there. */
    log() {
      const file = join(root, 'wp-content/debug.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },

    /** The newest code that was sent so: kind is 'mail' or 'sms'. */
    receivedCode(kind) {
      const codes = office.messages().filter((message) => message.kind === kind).map(({ text }) => text.match(/\b\d{6}\b/)?.[0]);
      const newest = codes.findLast((code) => code !== undefined);
      assert.ok(newest, `no code was sent by ${kind}`);
      return newest;
    },

    /** What an API client does: a call with the admin key, past the proxy. */
    async api(method, path, body) {
      const headers = { Authorization: `Bearer ${keys.admin}` };
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      const response = await fetch(service.url + path, { method, headers, body: JSON.stringify(body) });
      const text = await response.text();
      assert.ok(response.status < 400, `${method} ${path}: ${response.status} ${text}`);
      return text === '' ? null : JSON.parse(text);
    },

    policy(change) {
      return this.api('PATCH', '/v1/policy', change);
    },

    async userId(name) {
      return String(await this.php(`return get_user_by('login', '${name}')->ID;`));
    },

    async stop() {
      const log = this.log();
      for (const stop of parts.reverse()) await stop();
      if (!process.env.KEEP_WORLD) rmSync(dir, { recursive: true, force: true });
      const complaints = log.split('\n').filter((line) => /PHP (Warning|Notice|Deprecated|Fatal|Parse)/.test(line) && line.includes('mfa-sidecar/'));
      assert.deepEqual(complaints, [], 'PHP complained in the plugin');
      const secrets = [keys.bridge, keys.admin].filter((secret) => log.includes(secret));
      assert.deepEqual(secrets, [], 'a key is in the log');
    },
  };
  if (settings === 'options') await connect(world);
  return world;
}

/** What the settings page saves, for the stories that are not about that page. */
function connect(world) {
  return world.php(`
    update_site_option('mfa_sidecar_url', ['value' => '${world.proxy.url}']);
    update_site_option('mfa_sidecar_bridge_key', ['value' => '${world.keys.bridge}']);
    update_site_option('mfa_sidecar_admin_key', ['value' => '${world.keys.admin}']);
    return true;`);
}

async function startService(dir, parts, env) {
  const port = await freePort();
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--data-dir', join(dir, 'service')];
  const child = start(sidecar, args, join(dir, 'service.log'), { env: { ...serviceEnv, ...env } });
  parts.push(() => end(child));
  const url = `http://127.0.0.1:${port}`;
  await until('the service', child, async () => (await fetch(`${url}/readyz`)).ok);
  return { url };
}

async function openPostOffice(dir, parts) {
  const [smtpPort, smsPort] = [await freePort(), await freePort()];
  const file = join(dir, 'messages.jsonl');
  const log = join(dir, 'post-office.log');
  const child = start('php', [join(project, 'php-bridge/demo/bin/post-office.php'), `${smtpPort}`, `${smsPort}`, file], log);
  parts.push(() => end(child));
  await until('the post office', child, async () => readFileSync(log, 'utf8').includes('is open'));
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
  };
}

async function unpackDebian(root) {
  await run('cp', ['-rL', '/usr/share/wordpress', root]);
  rmSync(join(root, '.htaccess'), { force: true });
}

async function unpackPlayground(root) {
  const build = join(here, 'node_modules/@wp-playground/wordpress-builds');
  mkdirSync(root);
  await run('unzip', ['-q', join(build, 'src/wordpress/wp-6.5.zip'), '-d', root]);
  // The zip holds the code; what browsers load, and themes' files, lie beside it.
  cpSync(join(build, 'public/wp-6.5'), root, { recursive: true });
  rmSync(join(root, 'wp-content/database/.ht.sqlite'), { force: true });
  const dropIn = join(root, 'wp-content/sqlite');
  await run('unzip', ['-q', join(build, 'src/sqlite-database-integration/sqlite-database-integration.zip'), '-d', dropIn]);
  const folder = join(dropIn, readdirSync(dropIn)[0]);
  const db = readFileSync(join(folder, 'db.copy'), 'utf8')
    .replaceAll('{SQLITE_IMPLEMENTATION_FOLDER_PATH}', folder)
    .replaceAll('{SQLITE_PLUGIN}', 'sqlite-database-integration/load.php');
  writeFileSync(join(root, 'wp-content/db.php'), db);
}

async function startMariaDb(dir, parts) {
  const data = join(dir, 'mariadb');
  const socket = join(dir, 'mariadb.sock');
  const user = isRoot ? ['--user=root'] : [];
  await run('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user]);
  const child = start('/usr/sbin/mariadbd', ['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--pid-file=${dir}/mariadb.pid`, '--skip-networking', '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=64M', ...user], join(dir, 'mariadb.log'));
  parts.push(() => end(child));
  const sql = (statement) => run('mariadb', ['--no-defaults', `--socket=${socket}`, '-uroot', '-e', statement]);
  await until('MariaDB', child, async () => { await sql('select 1'); return true; });
  await sql('create database wordpress character set utf8mb4');
  return socket;
}

function configFile({ url, database, multisite = false }) {
  const salts = ['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'].flatMap((name) => [`define('${name}_KEY', '${name} key of the tests');`, `define('${name}_SALT', '${name} salt of the tests');`]);
  const network = multisite ? [
    "define('WP_ALLOW_MULTISITE', true);", "define('MULTISITE', true);", "define('SUBDOMAIN_INSTALL', false);",
    `define('DOMAIN_CURRENT_SITE', '${new URL(url).host}');`, "define('PATH_CURRENT_SITE', '/');",
    "define('SITE_ID_CURRENT_SITE', 1);", "define('BLOG_ID_CURRENT_SITE', 1);",
  ] : [];
  return `<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost${database === null ? '' : `:${database}`}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('CONCATENATE_SCRIPTS', false);
define('WP_DEBUG', true);
define('WP_DEBUG_LOG', true);
define('WP_DEBUG_DISPLAY', false);
define('WP_ENVIRONMENT_TYPE', 'local');
${[...salts, ...network].join('\n')}
// In a file that is no PHP: a cache of compiled files would not see a change within one second.
foreach (json_decode(file_get_contents(__DIR__ . '/constants.json'), true) as $name => $value) { define($name, $value); }
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
`;
}

async function serveByPhp(dir, parts, root, port) {
  const router = join(dir, 'router.php');
  // PHP's server looks for a page below wp-admin/ by itself; what is no file belongs to WordPress.
  writeFileSync(router, `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (str_ends_with($path, '/') && is_file($_SERVER['DOCUMENT_ROOT'] . $path . 'index.php')) { return false; }
if ($path !== '/' && is_file($_SERVER['DOCUMENT_ROOT'] . $path)) { return false; }
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
`);
  // One process: workers of PHP's server would outlive it.
  const args = ['-d', 'error_log=', '-S', `127.0.0.1:${port}`, '-t', root, router];
  const child = start('php', args, join(dir, 'php.log'), { env: { ...process.env, PHP_CLI_SERVER_WORKERS: undefined } });
  parts.push(() => end(child));
  await until('WordPress', child, async () => (await fetch(`http://127.0.0.1:${port}/wp-login.php`, { redirect: 'manual' })).status < 500);
}

async function serveByNginx(dir, parts, root, port) {
  const socket = join(dir, 'fpm.sock');
  writeFileSync(join(dir, 'fpm.conf'), `[global]
error_log = ${dir}/fpm-error.log
daemonize = no
[www]
${isRoot ? 'user = root\ngroup = root' : ''}
listen = ${socket}
pm = static
pm.max_children = 3
`);
  const fpm = start(fpmBinary(), ['--nodaemonize', '--fpm-config', join(dir, 'fpm.conf'), ...(isRoot ? ['--allow-to-run-as-root'] : [])], join(dir, 'fpm.log'));
  parts.push(() => end(fpm));
  mkdirSync(join(dir, 'nginx'));
  writeFileSync(join(dir, 'nginx.conf'), `
daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/nginx-error.log;
${isRoot ? 'user root;' : ''}
worker_processes 1;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  client_body_temp_path ${dir}/nginx; proxy_temp_path ${dir}/nginx; fastcgi_temp_path ${dir}/nginx; uwsgi_temp_path ${dir}/nginx; scgi_temp_path ${dir}/nginx;
  server {
    listen 127.0.0.1:${port};
    root ${root};
    index index.php;
    rewrite ^(/[^/]+)?/wp-admin$ $1/wp-admin/ permanent;
    if (!-e $request_filename) {
      rewrite ^/[a-z0-9-]+(/wp-(content|admin|includes)/.*) $1 last;
      rewrite ^/[a-z0-9-]+(/[^/]*\\.php)$ $1 last;
    }
    location / { try_files $uri $uri/ /index.php?$args; }
    location ~ \\.php$ {
      include /etc/nginx/fastcgi_params;
      fastcgi_param HTTP_HOST $http_host;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:${socket};
    }
  }
}
`);
  await until('php-fpm', fpm, async () => existsSync(socket));
  const nginx = start('/usr/sbin/nginx', ['-c', join(dir, 'nginx.conf'), '-e', join(dir, 'nginx-error.log')], join(dir, 'nginx.log'));
  parts.push(() => end(nginx));
  await until('nginx', nginx, async () => (await fetch(`http://127.0.0.1:${port}/wp-login.php`, { redirect: 'manual' })).status < 500);
}

function fpmBinary() {
  const found = ['8.4', '8.3', '8.2', '8.1'].map((version) => `/usr/sbin/php-fpm${version}`).find((file) => existsSync(file));
  assert.ok(found, 'php-fpm is not installed');
  return found;
}
