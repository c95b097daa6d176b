// A lost laptop is taken from its account by the phone: it is out at once, and chats go on.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';

let kithd: Kithd;
let laptop: Person;
let phone: Person;
let bo: Person;

beforeAll(async () => {
  kithd = await Kithd.start();
  [laptop, phone, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900041'),
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900041'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900042'),
  ]);
  await Promise.all([laptop.register(kithd), bo.register(kithd)]);
  await laptop.find(bo);
  await laptop.send('Before');
  await bo.page.getByRole('button', { name: 'Later' }).click();
  await bo.openChatWith(laptop);
  await bo.sees('Before');
  await link(phone);
});

afterAll(async () => {
  await Promise.all([laptop, phone, bo].map((person) => person.leave()));
  await kithd.end();
});

const devicesOf = ({ page }: Person) => page.getByRole('list', { name: 'Your devices' });
const removed = ({ page }: Person) =>
  page.getByRole('heading', { name: 'This device was removed from your account' });

async function openDevices({ page }: Person): Promise<void> {
  await page.getByRole('button', { name: 'You' }).filter({ visible: true }).click();
  await page.getByRole('link', { name: 'Devices' }).click();
}

// A new browser, by the code on it that is typed into the laptop.
async function link({ page, address }: Person): Promise<void> {
  await page.getByRole('button', { name: 'Link to a device that you already use' }).click();
  await page.getByLabel('Phone number or e-mail').fill(address);
  await page.getByRole('button', { name: 'Show a code' }).click();
  const groups = page.getByRole('list', { name: 'The code, in groups' }).getByRole('listitem');
  await groups.nth(5).waitFor();
  const code = (await groups.allTextContents()).join('-');
  await openDevices(laptop);
  await laptop.page.getByRole('button', { name: 'Link a new device' }).click();
  const dialog = laptop.page.getByRole('dialog', { name: 'Link a new device' });
  await dialog.getByLabel('Or type the code').fill(code);
  await dialog.getByLabel('Or type the code').press('Enter');
  await dialog.getByRole('button', { name: 'Yes, link it' }).click();
  await dialog.getByRole('button', { name: 'OK' }).click();
  await page.getByRole('heading', { name: 'Chats', exact: true }).waitFor();
  await phone.openChatWith(bo);
}

async function removeTheOther({ page }: Person, recoveryKey: string): Promise<void> {
  await openDevices(phone);
  await page.getByRole('button', { name: /^Remove /u }).click();
  const dialog = page.getByRole('dialog', { name: /^Remove / });
  await dialog.getByText('What it has already stays with it.').waitFor();
  if (recoveryKey !== '') await dialog.getByLabel('Recovery key (optional)').fill(recoveryKey);
  if (recoveryKey === '') await look(page, 'remove-device');
  await dialog.getByRole('button', { name: 'Remove' }).click();
}

it('is out within a second, and nothing of the account is shown on it', async () => {
  await bo.send('Not for a thief any more');
  await phone.sees('Not for a thief any more');
  await removeTheOther(phone, '');
  await phone.page.getByRole('dialog').waitFor({ state: 'detached' });
  await removed(laptop).waitFor({ timeout: 1_000 });
  await look(laptop.page, 'removed');
  await expect(devicesOf(phone).getByRole('listitem').count()).resolves.toBe(1);
  await phone.page.getByText('Your keys were last made without the recovery key.').waitFor();
  await look(phone.page, 'devices-new-keys');
});

it('reads nothing of the chats that go on', async () => {
  await phone.page.keyboard.press('Escape');
  await phone.page.getByRole('heading', { name: 'You', exact: true }).waitFor();
  await phone.page.keyboard.press('Escape');
  await phone.openChatWith(bo);
  await bo.send('Only for the phone');
  await phone.sees('Only for the phone');
  await phone.send('Still here');
  await bo.sees('Still here');
  await bo.seesLines(
    'Ada Lovelace removed a device or made new keys, without the recovery key. Compare safety numbers.',
  );
  await laptop.page.reload();
  await removed(laptop).waitFor();
  expect(await laptop.page.getByText('Only for the phone').count()).toBe(0);
});

it('may begin again, and with the recovery key nobody has a doubt', async () => {
  const { page } = laptop;
  await page.getByRole('button', { name: 'Begin again' }).click();
  await page.getByRole('button', { name: 'Delete and begin again' }).click();
  await page.getByRole('heading', { name: 'Everything is deleted' }).waitFor();
  await page.getByRole('button', { name: 'Begin again' }).click();
  await page.getByRole('button', { name: 'Link to a device that you already use' }).waitFor();

  await openDevices(phone);
  await phone.page.getByRole('button', { name: 'Make new keys' }).click();
  const dialog = phone.page.getByRole('dialog', { name: 'Make new keys?' });
  await dialog.getByLabel('Recovery key (optional)').fill(bo.recoveryKey);
  await dialog.getByText('This is a recovery key, but not the one of your account.').waitFor();
  await dialog.getByRole('button', { name: 'Make new keys' }).click();
  await dialog.getByText('This is the recovery key of another account.').waitFor();
  await dialog.getByLabel('Recovery key (optional)').fill(laptop.recoveryKey.toLowerCase());
  await dialog.getByText('This is your recovery key.').waitFor();
  await look(phone.page, 'new-keys');
  await dialog.getByRole('button', { name: 'Make new keys' }).click();
  await dialog.waitFor({ state: 'detached' });
  await phone.page
    .getByText('Your keys were last made without the recovery key.')
    .waitFor({ state: 'detached' });
});

it('leaves nothing for the browsers to complain of', () => {
  // That its tokens are dead a removed device learns by being refused.
  const refused = /status of 401/u;
  const all = [laptop, phone, bo].flatMap((person) => person.complaints);
  expect(all.filter((complaint) => !refused.test(complaint))).toEqual([]);
});
