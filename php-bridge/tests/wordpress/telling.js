// How the stories of one file are told: all in one world, each by people of its own.

import { after, before, test } from 'node:test';
import { arrive, launch } from './person.js';
import { createWorld } from './world.js';

/** @returns story(name, tell): `tell` takes the world and a way to bring people in */
export function tellIn(flavour, options) {
  let browser;
  let world;
  before(async () => {
    browser = await launch();
    world = await createWorld(flavour, options);
  }, { timeout: 120_000 });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });
  return (name, tell) => test(`${flavour}: ${name}`, { timeout: 120_000 }, async () => {
    const people = [];
    const newPerson = async (with_) => {
      people.push(await arrive(browser, world, with_));
      return people.at(-1);
    };
    try {
      await tell(world, newPerson);
    } catch (error) {
      await Promise.all(people.map((person, index) => person.photograph(`failed-${name.replaceAll(/\W+/g, '-')}-${index}`).catch(() => {})));
      if (process.env.KEEP_WORLD) console.error(world.log().split('\n').filter((line) => !line.includes('Deprecated')).slice(-20).join('\n'));
      throw error;
    } finally {
      world.proxy.become('through');
    }
    for (const person of people) await person.leave();
  });
}
