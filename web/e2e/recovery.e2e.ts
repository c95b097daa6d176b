// The only browser is lost: with the recovery key, scanned or typed, a new one is the same person; without it, somebody else.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';
import { prove } from './proving.ts';

interface Key {
  groups: string[];
  picture: Buffer;
}

let kithd: Kithd;
let ada: Person;
let adasPhone: Person;
let bo: Person;
let cleo: Person;
let cleosPhone: Person;
let adasKey: Key;
let bosKey: Key;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, adasPhone, bo, cleo, cleosPhone] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900051'),
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900051'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900052'),
    Person.arrive(kithd, 'Cleo', '+44 7700 900053'),
    Person.arrive(kithd, 'Cleo', '+44 7700 900053'),
  ]);
  [adasKey, bosKey] = await Promise.all([keyOf(ada), keyOf(bo), keyOf(cleo)]);
  await ada.find(bo);
  await ada.send('Before');
  await bo.page.getByRole('button', { name: 'Later' }).click();
  await bo.openChatWith(ada);
  await bo.sees('Before');
  await ada.beginGroup();
  await ada.pickKnown(bo.name);
  await ada.page.getByRole('button', { name: 'Next' }).click();
  await ada.page.getByLabel('Name', { exact: true }).fill('Hiking');
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await bo.openGroup('Hiking');
});

afterAll(async () => {
  await Promise.all([ada, adasPhone, bo, cleo, cleosPhone].map((person) => person.leave()));
  await kithd.end();
});

// Registers, and keeps what was shown.
async function keyOf(person: Person): Promise<Key> {
  const { page } = person;
  let key: Key = { groups: [], picture: Buffer.alloc(0) };
  await person.register(kithd, async (screen) => {
    if (screen !== 'recovery-key') return;
    const code = page.getByRole('img', { name: 'QR code of your recovery key' });
    key = {
      groups: await page.locator('.key-group-text').allTextContents(),
      picture: await code.screenshot(),
    };
    if (person.name.startsWith('Ada')) await look(page, 'recovery-key');
  });
  return key;
}

const typed = ({ page }: Person) => page.getByLabel('Or type the recovery key');

describe('whoever has the recovery key', () => {
  it('comes back by its picture, and by no other key', async () => {
    ada.cable.unplug();
    const { page } = adasPhone;
    await prove(kithd, adasPhone);
    await look(page, 'welcome-back');
    await page.reload();
    await page.getByRole('button', { name: 'Use my recovery key' }).click();
    const bring = page.getByRole('button', { name: 'Bring my account back' });
    await typed(adasPhone).fill(bosKey.groups.join(' ').toLowerCase());
    await page.getByText('This is a whole recovery key.').waitFor();
    await bring.click();
    await page.getByText('not the one of this account').waitFor();
    await look(page, 'wrong-recovery-key');
    await typed(adasPhone).fill(
      `${adasKey.groups.join('-').slice(0, -1)}${adasKey.groups[6]?.endsWith('0') === true ? '1' : '0'}`,
    );
    await page.getByText(/mistyped somewhere/u).waitFor();
    await page
      .getByLabel('A picture of the code')
      .setInputFiles({ name: 'key.png', mimeType: 'image/png', buffer: adasKey.picture });
    await page.getByText('This is a whole recovery key.').waitFor();
    expect(await typed(adasPhone).inputValue()).toBe(adasKey.groups.join('-'));
    await bring.click();
    await page.getByRole('heading', { name: 'Chats', exact: true }).waitFor();
  });

  it('is in the old chats and groups, and is known by the same identity', async () => {
    await bo.openChatWith(ada);
    await bo.send('Welcome back');
    await adasPhone.openChatWith(bo);
    await adasPhone.sees('Welcome back');
    await adasPhone.send('From the new phone');
    await bo.sees('From the new phone');
    expect(await bo.page.getByText(/identity/u).count()).toBe(0);
    await bo.openGroup('Hiking');
    await bo.send('Up the hill');
    await adasPhone.openGroup('Hiking');
    await adasPhone.sees('Up the hill');
    await adasPhone.send('Me too');
    await bo.seesFrom(ada.name, 'Me too');
  });

  it('can look later whether it is still the right one', async () => {
    const { page } = adasPhone;
    await page.getByRole('button', { name: 'You' }).filter({ visible: true }).click();
    await page.getByRole('button', { name: 'Check your recovery key' }).click();
    await typed(adasPhone).fill(adasKey.groups.join(''));
    await page.getByText('This is your recovery key.').waitFor();
    await look(page, 'check-recovery-key');
    await typed(adasPhone).fill(bosKey.groups.join(''));
    await page.getByText('not the one of your account').waitFor();
    await page.keyboard.press('Escape');
  });
});

describe('whoever has neither key nor device', () => {
  it('begins anew, as somebody whom nobody knows', async () => {
    const { page } = cleosPhone;
    await prove(kithd, cleosPhone);
    await page.getByRole('button', { name: 'I have neither' }).click();
    await look(page, 'begin-anew');
    await page.getByRole('button', { name: 'Make a new account' }).click();
    await page.getByLabel('Name').fill('Cleo');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('list', { name: 'Recovery key' }).waitFor();
  });
});

it('leaves nothing for the browsers to complain of', () => {
  const all = [ada, adasPhone, bo, cleo, cleosPhone].flatMap((person) => person.complaints);
  // What the server refuses is a failed request to a browser.
  expect(all.filter((complaint) => !/status of (?:403|429)/u.test(complaint))).toEqual([]);
});
