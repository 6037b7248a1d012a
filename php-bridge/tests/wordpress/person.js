// A person at a browser in front of WordPress: what they read and press, and what must hold on every page they see.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { Phone } from '../browser/phone.js';

// The port makes the driver use a socket: on a pipe, a write to a browser that has just ended fails the whole file.
const FLAGS = ['--remote-debugging-port=0', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const DESKTOP = { width: 1100, height: 800 };
const SCREENSHOTS = new URL('screenshots/', import.meta.url).pathname;

export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });

export async function arrive(browser, world, { javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({ baseURL: world.url, locale: 'en-US', viewport: DESKTOP, javaScriptEnabled, reducedMotion: 'reduce' });
  context.setDefaultTimeout(15_000);
  return new Person(world, context, await context.newPage());
}

/** WordPress' script moves the focus a moment after the page is there, and with it what is being typed. */
export async function signInForm(page, name, password) {
  const [login, pass] = [page.locator('#user_login'), page.locator('#user_pass')];
  do {
    await login.fill(name);
    await pass.fill(password);
  } while (await login.inputValue() !== name || await pass.inputValue() !== password);
}

export class Person {
  #complaints = [];

  constructor(world, context, page) {
    this.world = world;
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.#complaints.push(`${page.url()}: ${error}`));
  }

  get(testId) {
    return this.page.getByTestId(testId);
  }

  /** Presses what leads to another page, and waits for that. */
  async press(testId) {
    await Promise.all([this.page.waitForEvent('domcontentloaded'), this.get(testId).click()]);
  }

  /** A page of the plugin, by its name. */
  async assertOn(name) {
    await this.page.waitForSelector(`[data-testid="page"][data-page="${name}"]`);
  }

  /** WordPress' own sign-in form. */
  async assertOnSignIn() {
    await this.page.waitForSelector('#loginform');
  }

  /** WordPress' administration, signed in. */
  async assertInAdmin() {
    await this.page.waitForSelector('#wpadminbar');
    assert.match(new URL(this.page.url()).pathname, /\/wp-admin\//);
  }

  async enterPassword(name, { password = `${name}-pass`, at = '/wp-login.php', remember = false } = {}) {
    await this.page.goto(at);
    await signInForm(this.page, name, password);
    if (remember) await this.page.locator('#rememberme').check();
    await this.page.locator('#wp-submit').click();
  }

  async enterCode(code) {
    await this.get('code').fill(code);
    // The way most people do it; it must not press another button of the page.
    await this.get('code').press('Enter');
  }

  /** Takes the QR code off a picture of the page, as a phone would. */
  async scan() {
    await this.assertOn('setup');
    await this.get('qr').waitFor();
    const phone = Phone.scan(await this.page.screenshot({ fullPage: true }));
    assert.equal(phone.secret, await this.get('secret').getAttribute('data-secret'), 'the QR code and the shown secret differ');
    return phone;
  }

  /** Writes the codes down, says so and goes on. */
  async keepRecoveryCodes() {
    await this.assertOn('recovery-codes');
    const codes = await this.get('recovery-code').allInnerTexts();
    await this.get('saved').check();
    await this.get('continue').click();
    return codes.map((code) => code.trim());
  }

  /** Password, set-up, recovery codes: signed in. */
  async enroll(name) {
    await this.enterPassword(name);
    const phone = await this.scan();
    await this.enterCode(phone.nextCode());
    return { phone, recoveryCodes: await this.keepRecoveryCodes() };
  }

  /** With a fresh browser instead of WordPress' own way, which asks whether one is sure. */
  async signOut() {
    await this.context.clearCookies();
  }

  /** The sentence of the page's alert. */
  async error() {
    return (await this.get('error').first().innerText()).replace(/\s+/g, ' ').trim();
  }

  async signInError() {
    return (await this.page.locator('#login_error').innerText()).replace(/\s+/g, ' ').trim();
  }

  /** Whether WordPress takes this browser for signed in, asked beside the page that is open. */
  async isSignedIn() {
    const answer = await this.context.request.get('/wp-admin/profile.php', { maxRedirects: 0 });
    return answer.status() === 200;
  }

  /** WordPress' cookies that open a session; a deleted one counts as none. */
  async sessionCookies() {
    const cookies = await this.context.cookies();
    return cookies.filter(({ name, value }) => /^wordpress_(logged_in|sec)?_?[0-9a-f]{32}$|^wordpress_logged_in/.test(name) && value.trim() !== '' && value !== '%20' && value !== '+');
  }

  async photograph(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${this.world.flavour}-${name}.png`, fullPage: true });
  }

  /** Accessible, and nothing wider than the screen; `within` is the part of the page that is the plugin's. */
  async inspect(name, within = '[data-testid="page"]') {
    const { violations } = await new AxeBuilder({ page: this.page }).include(within).withTags(WCAG_22_AA).analyze();
    const problems = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
    await this.photograph(name);
    // 320 CSS pixels are a desktop page at 400 %: WCAG 2.2, 1.4.10.
    await this.page.setViewportSize({ width: 320, height: 740 });
    const needed = await this.page.evaluate(() => document.documentElement.scrollWidth);
    if (needed > 320) problems.push(`320 px: the page is ${needed} px wide`);
    await this.photograph(`${name}-narrow`);
    await this.page.setViewportSize(DESKTOP);
    assert.deepEqual(problems, [], name);
  }

  async leave() {
    assert.deepEqual(this.#complaints, []);
    await this.context.close();
  }
}
