// One in a browser, one in a terminal.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { Person } from './person.ts';
import { Terminal } from './terminal.ts';

const kCarlsNumber = '+447700900004';

let kithd: Kithd;
let ada: Person;
let carl: Terminal;

beforeAll(async () => {
  kithd = await Kithd.start();
  ada = await Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900003');
  carl = await Terminal.open(kithd);
});

afterAll(async () => {
  await ada.leave();
  await carl.close();
  await kithd.end();
});

it('a browser and a terminal write to each other, with all ticks', async () => {
  await ada.register(kithd);
  await carl.register('Carl', kCarlsNumber);

  // The terminal begins; the browser shows it, and its reading shows in the terminal.
  await carl.run('contacts', 'add', ada.address);
  await carl.run('send', ada.name, 'Hello from a terminal', '--wait', 'delivered');
  await ada.page.getByRole('button', { name: 'Later' }).click();
  await ada.page.getByRole('link', { name: /Carl/u }).click();
  await ada.sees('Hello from a terminal');
  await carl.run('send', ada.name, 'Are you there?', '--wait', 'read', '--timeout', '60');

  // The browser answers; one, two, and two in accent.
  await ada.sees('Are you there?');
  await ada.send('Hello from a browser');
  await ada.seesTick('Hello from a browser', 'sent', 'delivered');
  expect(await carl.run('receive', '--timeout', '5')).toContain('Hello from a browser');
  await ada.seesTick('Hello from a browser', 'read');
  expect(ada.complaints).toEqual([]);
});
