// The history of an account in two browsers: it comes to the new one, both agree, and it is exported.

import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { link } from './linking.ts';
import { look, picture } from './look.ts';
import { Person } from './person.ts';
import { until } from './until.ts';

const kSoonMs = 5_000;

let kithd: Kithd;
let ada: Person;
let phone: Person;
let bo: Person;
const said = Array.from({ length: 70 }, (_, at) => `Line ${at + 1}`);

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, phone, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900041'),
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900041'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900042'),
  ]);
  await Promise.all([ada.register(kithd), bo.register(kithd)]);
  await ada.find(bo);
  await ada.send('Line 1');
  await bo.page.getByRole('button', { name: 'Later' }).click();
  await bo.openChatWith(ada);
  for (const [at, line] of said.entries()) if (at > 0) await (at % 5 === 4 ? bo : ada).send(line);
  await Promise.all([ada.sees('Line 70'), bo.sees('Line 69')]);
});

afterAll(async () => {
  await Promise.all([ada, phone, bo].map((person) => person.leave()));
  await kithd.end();
});

const row = ({ page }: Person, name: string) => page.getByRole('link', { name: new RegExp(`^${name}`, 'u') });
const mark = (person: Person, word: string): Locator =>
  row(person, 'Bo Lindqvist').locator('.chat-row-state', { hasText: word });

async function pick({ page }: Person, item: string): Promise<void> {
  await page.getByRole('link', { name: /^Bo Lindqvist/u }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: item }).click();
}

// What is said in the open chat, from its beginning.
async function wholeChat({ page }: Person): Promise<string[]> {
  const list = page.locator('.messages');
  await until('the beginning of the chat', async () => {
    await list.evaluate((element) => (element.scrollTop = 0));
    return (await list.locator('.encrypted').count()) > 0;
  });
  return list.locator('.bubble-text').allTextContents();
}

async function exported({ page }: Person): Promise<string> {
  await page.getByRole('button', { name: 'You' }).filter({ visible: true }).click();
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('button', { name: 'Export my history' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export', exact: true }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^kith-history-\d{4}-\d\d-\d\d\.txt$/u);
  const text = await readFile(await file.path(), 'utf8');
  await page.getByRole('button', { name: 'Close' }).last().click();
  return text;
}

describe('a new browser', () => {
  it('has the chats at once, and what was said before after a while', async () => {
    await link(ada, phone);
    await row(phone, 'Bo Lindqvist').waitFor({ timeout: kSoonMs });
    await phone.openChatWith(bo);
    await until(
      'all of the history',
      async () => {
        const lines = await wholeChat(phone);
        return lines.filter((line) => line.startsWith('Line')).join() === said.join();
      },
      60_000,
    );
    await phone.page.getByRole('progressbar').waitFor({ state: 'detached' });
    await phone.openAt('#/');
  });
});

describe('the account’s browsers', () => {
  it('agree on what is pinned, muted and archived', async () => {
    await ada.openAt('#/');
    await pick(ada, 'Pin');
    await mark(phone, 'pinned').waitFor();
    await row(ada, 'Bo Lindqvist').click({ button: 'right' });
    await picture(ada.page, 'chat-menu');
    await ada.page.keyboard.press('Escape');
    await pick(ada, 'Mute…');
    await ada.page.getByRole('button', { name: 'Always' }).click();
    await mark(phone, 'muted').waitFor();
    await pick(phone, 'Archive');
    await row(ada, 'Archived').click();
    await row(ada, 'Bo Lindqvist').waitFor();
    await look(ada.page, 'archived');
    await pick(ada, 'Unmute');
    await pick(ada, 'Unarchive');
    await mark(phone, 'muted').waitFor({ state: 'detached' });
    await row(phone, 'Bo Lindqvist').waitFor();
  });

  it('agree on what is read', async () => {
    await Promise.all([ada.openAt('#/'), phone.openAt('#/')]);
    await bo.send('Are you there?');
    const unread = (person: Person) => row(person, 'Bo Lindqvist').getByText('1 unread');
    await Promise.all([unread(ada).waitFor(), unread(phone).waitFor()]);
    await ada.openChatWith(bo);
    await ada.sees('Are you there?');
    await unread(phone).waitFor({ state: 'detached' });
  });
});

describe('the export', () => {
  it('gives the same text in both browsers, from the beginning', async () => {
    const text = await exported(phone);
    const lines = [...text.matchAll(/^\d{4}-\d\d-\d\d \d\d:\d\d {2}(You|Bo Lindqvist): (.*)$/gmu)];
    expect(lines.map((line) => line[2])).toEqual([...said, 'Are you there?']);
    expect(lines[4]?.[1]).toBe('Bo Lindqvist');
    expect(text).toContain('== Bo Lindqvist ==\nYou, Bo Lindqvist\n');
    expect(await exported(ada)).toBe(text);
    await look(ada.page, 'history');
    await ada.page.getByRole('button', { name: 'Export my history' }).click();
    await look(ada.page, 'export');
  });
});

it('leaves nothing for the browsers to complain of', () => {
  expect([ada, phone, bo].flatMap((person) => person.complaints)).toEqual([]);
});
