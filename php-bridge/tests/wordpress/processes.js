// Starts the parts of a site, waits for them, and ends them by process.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export function start(command, args, log, options = {}) {
  const out = openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', out, out], ...options });
  closeSync(out);
  child.log = log;
  child.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.code }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return child;
}

export async function end(child, signal = 'SIGTERM') {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return child.ended;
}

/** Runs a command to its end without holding up the servers in this process. */
export async function run(command, args, { input = '', ...options } = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (part) => { output += part; });
  child.stderr.on('data', (part) => { errors += part; });
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}${errors}`);
  return output;
}

export async function until(what, child, ready) {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    if (await ready().catch(() => false)) return;
    await pause(100);
  }
  child.kill('SIGKILL');
  throw new Error(`${what} did not get ready (exit code ${child.exitCode}): ${readFileSync(child.log, 'utf8').slice(-2000)}`);
}
