// A number that is locked: whoever has it alone gets no new account with it.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';
import { prove } from './proving.ts';

const kPin = '86421357';

let kithd: Kithd;
let ada: Person;
let thief: Person;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, thief] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900061'),
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900061'),
  ]);
  await ada.register(kithd);
});

afterAll(async () => {
  await Promise.all([ada, thief].map((person) => person.leave()));
  await kithd.end();
});

it('is locked by a PIN that its owner chooses', async () => {
  const { page } = ada;
  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('button', { name: 'You' }).filter({ visible: true }).click();
  await look(page, 'you');
  await page.getByRole('button', { name: 'Registration lock' }).click();
  await page.getByText('Your number is not locked.').waitFor();
  await look(page, 'registration-lock-off');
  await page.getByLabel('PIN').fill(kPin);
  await page.getByRole('button', { name: 'Set the PIN' }).click();
  await page.getByText('The PIN is set. Your number is locked.').waitFor();
  await look(page, 'registration-lock-on');
  await page.reload();
  await page.getByRole('button', { name: 'Registration lock' }).click();
  await page.getByText('Your number is locked.').waitFor();
});

it('asks whoever begins anew with it for the PIN, and counts the wrong ones', async () => {
  const { page } = thief;
  await prove(kithd, thief);
  await page.getByRole('button', { name: 'I have neither' }).click();
  await page.getByRole('button', { name: 'Make a new account' }).click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Enter the PIN' }).waitFor();
  await look(page, 'enter-pin');
  await page.getByLabel('PIN').fill('1357');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('That is not the PIN. 4 tries are left.').waitFor();
  await look(page, 'wrong-pin');
  await page.reload();
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('PIN').fill('2468');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('3 tries are left.').waitFor();
  await page.getByRole('button', { name: 'Begin again' }).click();
  await page.getByLabel('Phone number or e-mail').waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByLabel('Name').waitFor();
});

it('gets a new account with the PIN, which is not locked', async () => {
  const { page } = thief;
  await page.getByLabel('Name').fill('Ada');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('PIN').fill(kPin);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('list', { name: 'Recovery key' }).waitFor();
  expect(kithd.log).not.toContain(kPin);
});

it('is unlocked by its owner', async () => {
  const { page } = ada;
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('The lock is off. Your number is not locked.').waitFor();
});

it('leaves nothing for the browsers to complain of', () => {
  const all = [ada, thief].flatMap((person) => person.complaints);
  // What the server refuses is a failed request to a browser.
  expect(all.filter((complaint) => !/status of (?:403|429)/u.test(complaint))).toEqual([]);
});
