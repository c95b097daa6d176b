// A group of two in browsers and one in a terminal, from its making to their leaving.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';
import { Terminal } from './terminal.ts';
import { until } from './until.ts';

const kCarlsNumber = '+44 7700 900013';

let kithd: Kithd;
let ada: Person;
let bo: Person;
let carl: Terminal;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900011'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900012'),
  ]);
  carl = await Terminal.open(kithd);
  await Promise.all([ada.register(kithd), bo.register(kithd)]);
  await carl.register('Carl', kCarlsNumber);
  for (const person of [ada, bo]) await person.page.getByRole('button', { name: 'Later' }).click();
});

afterAll(async () => {
  await ada.leave();
  await bo.leave();
  await carl.close();
  await kithd.end();
});

// All that Carl's terminal has of a group.
function carlReads(group: string): Promise<string> {
  return carl.run('history', group, '--limit', '100');
}

// What reaches his terminal is there when it next asks the server.
async function carlFinds(text: string, ...words: string[]): Promise<void> {
  await until(`Carl finds “${text}”`, async () => {
    await carl.run('receive', '--timeout', '5');
    return (await carl.run(...words)).includes(text);
  });
}

async function carlSees(group: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await carlFinds(text, 'history', group, '--limit', '100');
}

describe('a group', () => {
  it('is made through the screens, of people who are found by their numbers', async () => {
    await ada.beginGroup();
    await ada.pick(bo.address, bo.name);
    await ada.pick(kCarlsNumber, 'Carl');
    await look(ada.page, 'group-people');
    await ada.page.getByRole('button', { name: 'Next' }).click();
    await ada.page.getByText('With Bo Lindqvist and Carl').waitFor();
    await look(ada.page, 'group-name');
    await ada.page.getByLabel('Name', { exact: true }).fill('Boat');
    await ada.page.getByRole('button', { name: 'Create' }).click();

    await ada.seesLines('You created the group', 'You added Bo Lindqvist and Carl');
    await bo.openGroup('Boat');
    await carlFinds('Boat', 'group', 'list');
    await look(ada.page, 'group-new');
  });

  it('carries everybody’s messages to everybody, with their names', async () => {
    await ada.send('Ahoy from Ada');
    await bo.seesFrom('Ada Lovelace', 'Ahoy from Ada');
    await bo.send('Ahoy from Bo');
    await ada.seesFrom('Bo Lindqvist', 'Ahoy from Bo');
    await carl.run('send', 'Boat', 'Ahoy from Carl', '--wait', 'sent');
    for (const person of [ada, bo]) await person.seesFrom('Carl', 'Ahoy from Carl');
    await carlSees('Boat', 'Ahoy from Ada', 'Ahoy from Bo');
    expect(await carlReads('Boat')).toMatch(/Ada Lovelace.*Ahoy from Ada\n.*Bo Lindqvist.*Ahoy from Bo/u);
    await ada.seesTick('Ahoy from Ada', 'sent', 'delivered', 'read');
    await look(bo.page, 'group-chat');
  });

  it('shows who has a message, by their names', async () => {
    await ada.openMessageInfo('Ahoy from Ada');
    for (const name of ['Bo Lindqvist', 'Carl']) {
      await ada.page
        .getByRole('list', { name: /^Read by/u })
        .getByText(name, { exact: true })
        .waitFor();
    }
    await ada.page.keyboard.press('Escape');
    await ada.send('Who is there?');
    await bo.sees('Who is there?');
    await ada.openMessageInfo('Who is there?');
    await ada.page
      .getByRole('list', { name: /^Read by/u })
      .getByText('Bo Lindqvist')
      .waitFor();
    await ada.page
      .getByRole('list', { name: /^Not delivered yet/u })
      .getByText('Carl')
      .waitFor();
    await look(ada.page, 'group-message-info');
    // It follows while it is open.
    await carlSees('Boat', 'Who is there?');
    await ada.page
      .getByRole('list', { name: /^Read by/u })
      .getByText('Carl', { exact: true })
      .waitFor();
    await ada.page.keyboard.press('Escape');
    await carlFinds('Ada Lovelace', 'receipts', 'Boat');
    expect(await carl.run('receipts', 'Boat')).toMatch(/Ahoy from Carl[^]*Read by[^]*Bo Lindqvist/u);
  });

  it('has a new name everywhere, from a member’s panel', async () => {
    await bo.openPanel();
    await look(bo.page, 'group-panel-member');
    await bo.page.getByRole('button', { name: 'Change the name' }).click();
    await bo.page.getByLabel('Name', { exact: true }).fill('Sailing');
    await bo.page.getByRole('button', { name: 'Save' }).click();

    for (const person of [ada, bo]) {
      await person.page.getByRole('heading', { name: 'Sailing', level: 2 }).waitFor();
      await person.page.getByRole('link', { name: /^Sailing/u }).waitFor();
      expect(await person.page.getByRole('link', { name: /^Boat/u }).count()).toBe(0);
    }
    await ada.seesLines('Bo Lindqvist named the group “Sailing”');
    await bo.seesLines('You named the group “Sailing”');
    await carlSees('Sailing', 'Bo Lindqvist named the group “Sailing”.');
  });

  it('gets an admin, who removes somebody through the panel', async () => {
    await ada.openPanel();
    await look(ada.page, 'group-panel-owner');
    await ada.aboutMember('Bo Lindqvist', 'Make admin');
    await ada.seesLines('You made Bo Lindqvist an admin');
    await bo.seesLines('Ada Lovelace made you an admin');

    await bo.aboutMember('Carl', 'Remove from group');
    await look(bo.page, 'group-remove');
    await bo.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await bo.page.getByRole('heading', { name: '2 members' }).waitFor();
    await bo.seesLines('You removed Carl');
    await ada.seesLines('Bo Lindqvist removed Carl');
    await carlSees('Sailing', 'Bo Lindqvist removed you.');
  });

  it('keeps whoever was removed from writing and from what is said without them', async () => {
    await expect(carl.run('send', 'Sailing', 'Am I still here?')).rejects.toThrow(
      'You are not in this group any more.',
    );
    await ada.send('Without Carl');
    await bo.sees('Without Carl');
    await carl.run('receive', '--timeout', '5');
    expect(await carlReads('Sailing')).not.toContain('Without Carl');
  });

  it('takes somebody back, who begins anew', async () => {
    await ada.page.getByRole('link', { name: 'Add people', exact: true }).click();
    await ada.page.getByRole('checkbox', { name: /^Carl/u }).check();
    await look(ada.page, 'group-add');
    await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
    await ada.page.getByRole('heading', { name: '3 members' }).waitFor();
    await ada.aboutMember('Carl', 'Make admin');
    await ada.seesLines('You added Carl', 'You made Carl an admin');
    await carlSees('Sailing', 'Ada Lovelace made you an admin.');
    expect(await carlReads('Sailing')).not.toContain('Without Carl');
  });

  it('shows in a browser that its person was removed, and lets them write no more', async () => {
    await carl.run('group', 'remove', 'Sailing', 'Bo Lindqvist');
    await bo.seesLines('Carl removed you');
    await bo.seesClosed();
    await ada.seesLines('Carl removed Bo Lindqvist');
    await look(bo.page, 'group-out');
  });

  it('is all there after a reload, with its lines, names and rights', async () => {
    for (const person of [ada, bo]) {
      const before = await person.rows();
      await person.page.reload();
      await person.sees('Without Carl');
      expect(await person.rows()).toEqual(before);
    }
    await bo.seesClosed();
    await ada.send('Still on board');
    await carlFinds('Still on board', 'history', 'Sailing');
  });

  it('lets its members leave, the owner last', async () => {
    await ada.page.getByRole('button', { name: 'Leave group' }).click();
    await ada.page.getByRole('heading', { name: 'You own this group' }).waitFor();
    await look(ada.page, 'group-owner-leaves');
    await ada.page.getByRole('button', { name: 'OK' }).click();
    await carl.run('group', 'leave', 'Sailing');
    await ada.seesLines('Carl left');
    await expect(carl.run('send', 'Sailing', 'Am I still here?')).rejects.toThrow(
      'You are not in this group any more.',
    );
    await ada.page.getByRole('heading', { name: '1 member' }).waitFor();
    await ada.page.getByRole('button', { name: 'Leave group' }).click();
    await ada.page.getByText('You are the last one in it').waitFor();
    await look(ada.page, 'group-last-leaves');
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
    await ada.seesLines('You left');
    await ada.seesClosed();
  });

  it('made no browser complain', () => {
    expect(ada.complaints).toEqual([]);
    expect(bo.complaints).toEqual([]);
  });
});
