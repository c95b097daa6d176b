// Invite links: made in one browser, opened in others by people who are not in the group.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';
import { Terminal } from './terminal.ts';

const kCarlsNumber = '+44 7700 900033';

let kithd: Kithd;
let ada: Person;
let cleo: Person;
let dan: Person;
let carl: Terminal;
// What follows the address of the server: each browser has an address of its own.
let link: string;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, cleo, dan] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900031'),
    Person.arrive(kithd, 'Cleo', '+44 7700 900032'),
    Person.arrive(kithd, 'Dan', '+44 7700 900034'),
  ]);
  carl = await Terminal.open(kithd);
  await Promise.all([ada.register(kithd), dan.register(kithd), carl.register('Carl', kCarlsNumber)]);
  for (const person of [ada, dan]) await person.page.getByRole('button', { name: 'Later' }).click();
  await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});

afterAll(async () => {
  await Promise.all([ada.leave(), cleo.leave(), dan.leave(), carl.close()]);
  await kithd.end();
});

const dialogOf = ({ page }: Person) => page.getByRole('dialog', { name: 'Group invitation' });

async function makeGroup(): Promise<void> {
  await ada.beginGroup();
  await ada.pick(kCarlsNumber, 'Carl');
  await ada.page.getByRole('button', { name: 'Next' }).click();
  await ada.page.getByLabel('Name', { exact: true }).fill('Boat');
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await ada.seesLines('You created the group', 'You added Carl');
}

// Ada makes a link, and passes on what she has copied.
async function makeLink(asking: boolean): Promise<string> {
  const { page } = ada;
  await page.getByRole('button', { name: 'Make an invite link' }).click();
  const form = page.getByRole('dialog', { name: 'New invite link' });
  if (asking) await form.getByLabel('Somebody has to let them in').check();
  await look(page, asking ? 'invite-form-asking' : 'invite-form');
  await form.getByRole('button', { name: 'Make link' }).click();
  const made = page.getByRole('dialog', { name: 'Your invite link' });
  await made.getByRole('button', { name: 'Copy' }).click();
  await made.getByText('Copied').waitFor();
  await look(page, asking ? 'invite-made-asking' : 'invite-made');
  const address = await page.evaluate(() => navigator.clipboard.readText());
  await made.getByRole('button', { name: 'Done' }).click();
  expect(address.startsWith(`${ada.cable.origin}/#join=`)).toBe(true);
  return new URL(address).hash;
}

// Of the link that was opened nothing stays in the browser.
async function expectNoTrace({ page }: Person): Promise<void> {
  const kept = () =>
    page.evaluate(() =>
      JSON.stringify([
        location.href,
        history.state,
        Object.entries(sessionStorage),
        Object.entries(localStorage),
      ]),
    );
  // A dialog that is closed is gone a moment later.
  await expect.poll(kept, { timeout: 10_000 }).not.toContain(link.slice('#join='.length));
}

describe('an invite link', () => {
  it('is made in the group’s panel, and everybody is told', async () => {
    await makeGroup();
    await ada.openPanel();
    link = await makeLink(false);
    await ada.seesLines('You made an invite link');
    await ada.page.getByRole('list', { name: 'Invite links' }).getByText('Whoever has it can join').waitFor();
    await look(ada.page, 'invite-links');
  });

  it('brings in somebody who registers by opening it', async () => {
    await cleo.openAt(link);
    await cleo.page.getByText('You have an invite link to a group').waitFor();
    expect(cleo.page.url()).not.toContain('join');
    await look(cleo.page, 'invite-first-run');
    await cleo.signUp(kithd);
    await dialogOf(cleo).getByRole('heading', { name: 'Boat' }).waitFor();
    await look(cleo.page, 'invite-join');
    await dialogOf(cleo).getByRole('button', { name: 'Join group' }).click();
    await cleo.composer().waitFor();
    await expectNoTrace(cleo);
    await cleo.seesLines('You joined by an invite link');
    await ada.seesLines('Cleo joined by an invite link');
  });

  it('lets them write and be written to', async () => {
    await cleo.send('Ahoy from Cleo');
    await ada.seesFrom('Cleo', 'Ahoy from Cleo');
    await ada.send('Welcome aboard');
    await cleo.seesFrom('Ada Lovelace', 'Welcome aboard');
  });

  it('leads whoever is in the group to its chat', async () => {
    await cleo.openAt(link);
    await cleo.sees('Welcome aboard');
    expect(await dialogOf(cleo).count()).toBe(0);
    await expectNoTrace(cleo);
  });

  it('that was revoked says so, and lets nobody in', async () => {
    await ada.page.getByRole('button', { name: 'Revoke' }).click();
    const question = ada.page.getByRole('dialog', { name: 'Revoke this link?' });
    await look(ada.page, 'invite-revoke');
    await question.getByRole('button', { name: 'Revoke' }).click();
    await ada.seesLines('You revoked an invite link');
    await ada.page.getByText('Whoever has it can join').waitFor({ state: 'detached' });

    await dan.openAt(link);
    await dialogOf(dan).getByText('This link was revoked. Ask for a new one.').waitFor();
    await look(dan.page, 'invite-revoked');
    await dialogOf(dan).getByRole('button', { name: 'Close' }).click();
    expect(await dan.page.getByRole('link', { name: /^Boat/u }).count()).toBe(0);
    await expectNoTrace(dan);
  });

  it('with which one asks to join lets in whom somebody approves', async () => {
    link = await makeLink(true);
    await dan.openAt(link);
    await look(dan.page, 'invite-ask');
    await dialogOf(dan).getByRole('button', { name: 'Ask to join' }).click();
    await dialogOf(dan).getByText('You asked to join.').waitFor();
    await look(dan.page, 'invite-asked');
    await dialogOf(dan).getByRole('button', { name: 'OK' }).click();

    // It is seen while one waits, also after a restart, and what came of it.
    const waiting = () => dan.page.getByRole('list', { name: 'Groups you asked to join' });
    await waiting().getByText('Waiting to be let in').waitFor();
    await dan.restart();
    await waiting().getByText('Waiting to be let in').waitFor();
    await ada.page.getByRole('button', { name: 'Decline Dan' }).click();
    await waiting().getByText('You were not let in').waitFor();
    await look(dan.page, 'invite-declined');
    await waiting().getByRole('button', { name: /^OK/u }).click();
    await waiting().waitFor({ state: 'detached' });
    await dan.openAt(link);
    await dialogOf(dan).getByRole('button', { name: 'Ask to join' }).click();
    await dialogOf(dan).getByRole('button', { name: 'OK' }).click();

    await ada.page.getByRole('heading', { name: '1 person asks to join' }).waitFor();
    await ada.page.getByRole('link', { name: /^Boat.*1 person asks to join/u }).waitFor();
    await look(ada.page, 'invite-request');
    await ada.page.getByRole('button', { name: 'Approve Dan' }).click();
    await ada.seesLines('You added Dan');
    await ada.page.getByRole('heading', { name: 'Nobody else asks to join' }).waitFor();

    await waiting().waitFor({ state: 'detached' });
    await dan.openGroup('Boat');
    await dan.send('Thank you');
    for (const person of [ada, cleo]) await person.seesFrom('Dan', 'Thank you');
    await expectNoTrace(dan);
  });

  it('made no browser complain', () => {
    for (const person of [ada, cleo, dan]) expect(person.complaints).toEqual([]);
  });
});
