// A person at a browser: what they read and press, and what must hold on every page they see.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { Phone } from './phone.js';

// The port makes the driver use a socket: on a pipe, a write to a browser that has just ended fails the whole file.
const FLAGS = ['--remote-debugging-port=0', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const DESKTOP = { width: 1100, height: 760 };
const SCREENSHOTS = new URL('screenshots/', import.meta.url).pathname;

export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });

/** A new person with a browser profile of their own. */
export async function arrive(browser, url, { javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({
    baseURL: url, locale: 'en-US', viewport: DESKTOP, javaScriptEnabled,
    // A colour that is still on its way would be judged for its contrast.
    reducedMotion: 'reduce',
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  context.setDefaultTimeout(10_000);
  return new Person(context, await context.newPage());
}

export class Person {
  #complaints = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.#complaints.push(String(error)));
    page.on('console', (message) => {
      // Chromium reports a refused form (4xx, 503) as a failed load of the page; those answers are wanted.
      const refusedForm = message.text().startsWith('Failed to load resource') && message.location().url === page.url();
      if (['error', 'warning'].includes(message.type()) && !refusedForm) this.#complaints.push(message.text());
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      // What a person leaves before it has loaded, or saves as a file, counts as aborted.
      if (reason !== 'net::ERR_ABORTED') this.#complaints.push(`${request.url()}: ${reason}`);
    });
  }

  get(testId) {
    return this.page.getByTestId(testId);
  }

  /** The page's name: the demo host writes it beside the test id. */
  async assertOn(name) {
    await this.page.waitForSelector(`[data-testid="page"][data-page="${name}"]`);
  }

  async signIn(username, password = `${username}-demo`) {
    await this.page.goto('/login');
    await this.assertOn('sign-in');
    await this.get('username').fill(username);
    await this.get('password').fill(password);
    await this.get('sign-in').click();
  }

  async signOut() {
    await this.get('sign-out').click();
    await this.assertOn('welcome');
  }

  async enterCode(code) {
    await this.get('code').fill(code);
    // The way most people do it; it must not press another button of the page.
    await this.get('code').press('Enter');
  }

  async enterRecoveryCode(code) {
    await this.get('use-recovery-code').click();
    await this.assertOn('recovery');
    await this.get('recovery-code-input').fill(code);
    await this.get('submit-code').click();
  }

  /** Scans the QR code off a screenshot of the page and checks that the page says the same in text. */
  async scan(page) {
    await this.assertOn(page);
    await this.get('qr').waitFor();
    const phone = Phone.scan(await this.page.screenshot({ fullPage: true }));
    const shown = (await this.get('secret').innerText()).replace(/\s/g, '');
    assert.equal(phone.secret, shown, 'the QR code and the shown secret differ');
    assert.equal(phone.secret, await this.get('secret').getAttribute('data-secret'));
    assert.equal(phone.uri, await this.get('otpauth-link').getAttribute('href'));
    return phone;
  }

  /** Types the password once more, where the host asks who is there. */
  async confirmPassword(password = 'alice-demo') {
    await this.assertOn('step-up');
    await this.get('password').fill(password);
    await this.get('confirm-password').click();
  }

  /** Writes the codes down, says so and goes on. */
  async keepRecoveryCodes(next = 'home') {
    await this.assertOn('recovery-codes');
    const codes = await this.get('recovery-code').allInnerTexts();
    await this.get('saved').check();
    await this.get('continue').click();
    await this.assertOn(next);
    return codes.map((code) => code.trim());
  }

  async choosePolicy(value) {
    await this.page.goto('/admin/mfa');
    await this.get('policy-mode').selectOption(value);
    await this.get('policy-save').click();
    await this.assertOn('admin');
    await this.get('notice').waitFor();
    assert.equal(await this.get('policy-mode').inputValue(), value);
  }

  clipboard() {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async photograph(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
  }

  /** The sentence of the page's alert. */
  async error() {
    return (await this.get('error').innerText()).replace(/\s+/g, ' ').trim();
  }

  /** Whether the host takes this browser for signed in, asked beside the page that is open. */
  async isSignedIn() {
    const html = await (await this.context.request.get('/')).text();
    return html.includes('data-testid="home"');
  }

  /** The host's cookies, as one text that changes with any of them. */
  async session() {
    const cookies = await this.context.cookies();
    assert.ok(cookies.length > 0, 'the host has set no cookie');
    for (const cookie of cookies) {
      assert.ok(cookie.httpOnly, `${cookie.name} can be read by scripts`);
      assert.notEqual(cookie.sameSite, 'None');
    }
    return cookies.map(({ name, value }) => `${name}=${value}`).sort().join('; ');
  }

  /** Looks at the page in light and dark and on narrow screens: accessible, nothing wider than the screen. */
  async inspect(name) {
    const problems = [];
    for (const colorScheme of ['light', 'dark']) {
      await this.page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page: this.page }).withTags(WCAG_22_AA).analyze();
      problems.push(...violations.map(({ id, help, nodes }) => `${colorScheme}: ${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`));
      await this.photograph(`${name}-${colorScheme}`);
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    // 320 CSS pixels are a desktop page at 400 %: WCAG 2.2, 1.4.10.
    for (const width of [360, 320]) {
      await this.page.setViewportSize({ width, height: 740 });
      const needed = await this.page.evaluate(() => document.documentElement.scrollWidth);
      if (needed > width) problems.push(`${width} px: the page is ${needed} px wide`);
      if (width === 360) await this.photograph(`${name}-mobile`);
    }
    await this.page.setViewportSize(DESKTOP);
    assert.deepEqual(problems, [], name);
    this.assertNoComplaints();
  }

  /** No script error, nothing refused by the content security policy, nothing that did not load. */
  assertNoComplaints() {
    assert.deepEqual(this.#complaints, []);
  }

  async leave() {
    this.assertNoComplaints();
    await this.context.close();
  }
}
