// The user's phone: it sees only what a camera would see, and oathtool makes its codes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

const STEP_SECONDS = 30;
const currentStep = () => Math.floor(Date.now() / 1000 / STEP_SECONDS);

export class Phone {
  #lastStep = -1;

  /** Scans the QR code that is somewhere on the screenshot (a PNG buffer). */
  static scan(screenshot) {
    const { data, width, height } = PNG.sync.read(screenshot);
    const found = jsQR(new Uint8ClampedArray(data), width, height);
    assert.ok(found, 'no QR code could be read off the screenshot');
    return new Phone(found.data);
  }

  constructor(otpauthUri) {
    this.uri = otpauthUri;
    const uri = new URL(otpauthUri);
    this.type = uri.host;
    this.label = decodeURIComponent(uri.pathname.slice(1));
    this.issuer = uri.searchParams.get('issuer');
    this.secret = uri.searchParams.get('secret');
  }

  /**
   * A code the service has not seen: of the current step, or of the next one where the current is spent, which the
   * window still takes. A third code within one step would have to wait, so it is refused here.
   */
  nextCode() {
    const now = currentStep();
    const step = Math.max(now, this.#lastStep + 1);
    assert.ok(step <= now + 1, 'the story asks for more codes than a phone shows in this time');
    this.#lastStep = step;
    return this.#codeOf(step);
  }

  /** The code given last, once more. */
  spentCode() {
    return this.#codeOf(this.#lastStep);
  }

  /** Six digits that no step near now has. */
  wrongCode() {
    const near = [-2, -1, 0, 1, 2, 3].map((offset) => this.#codeOf(currentStep() + offset));
    return ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find((code) => !near.includes(code));
  }

  #codeOf(step) {
    const at = `@${step * STEP_SECONDS}`;
    // The secret goes over standard input: arguments can be read by every user of the computer.
    return execFileSync('oathtool', ['--totp', '--base32', '--now', at, '-'], { input: this.secret, encoding: 'utf8' }).trim();
  }
}
