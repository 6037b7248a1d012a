// How a story is told: in a world of its own, by people at browsers, with phones that scan what the page shows.

import { after, before, test } from 'node:test';
import { arrive, launch } from './person.js';
import { createWorld } from './world.js';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * Tells a story in a world of its own. `tell` takes `step(name, run)`, the world, and a way to bring people in. Steps
 * build on each other, so after one that failed the others fail at once; each person's page is photographed then.
 */
export const story = (name, tell) => test(name, { timeout: 180_000 }, async (t) => {
  const world = await createWorld();
  const people = [];
  const newPerson = async (options) => {
    const person = await arrive(browser, world.url, options);
    people.push(person);
    return person;
  };
  let failed = false;
  const guarded = async (run) => {
    if (failed) throw new Error('an earlier step failed');
    try {
      await run();
    } catch (error) {
      failed = true;
      await Promise.all(people.map((person, index) => person.photograph(`failed-${index}`)));
      throw error;
    }
  };
  try {
    await guarded(async () => {
      await tell((stepName, run) => t.test(stepName, () => guarded(run)), world, newPerson);
      if (!failed) for (const person of people) await person.leave();
    });
  } finally {
    await world.stop();
  }
});

/** At a login. */
export const scan = (person) => person.scan('setup');

/** Signs in with the password, sets up an authenticator and keeps the recovery codes. */
export async function enroll(person, username) {
  await person.signIn(username);
  const phone = await scan(person);
  await person.enterCode(phone.nextCode());
  return { phone, recoveryCodes: await person.keepRecoveryCodes() };
}
