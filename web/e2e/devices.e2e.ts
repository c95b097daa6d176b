// One more device of an account: browser by browser, browser by terminal, terminal by browser.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { codeOn, dialogOf, digitsOn, openDialog, qrOf, showCode } from './linking.ts';
import { look } from './look.ts';
import { Person } from './person.ts';
import { Terminal } from './terminal.ts';

const kCarlsNumber = '+44 7700 900033';

let kithd: Kithd;
let ada: Person;
let adasPhone: Person;
let bo: Person;
let carl: Terminal;
let carlsBrowser: Person;
let adasTerminal: Terminal;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, adasPhone, bo, carlsBrowser] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900031'),
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900031'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900032'),
    Person.arrive(kithd, 'Carl', kCarlsNumber),
  ]);
  [carl, adasTerminal] = await Promise.all([Terminal.open(kithd), Terminal.open(kithd)]);
  await Promise.all([ada.register(kithd), bo.register(kithd)]);
  await carl.register('Carl', kCarlsNumber);
  await ada.find(bo);
  await ada.send('Before');
  await bo.page.getByRole('button', { name: 'Later' }).click();
  await bo.openChatWith(ada);
  await bo.sees('Before');
});

afterAll(async () => {
  await Promise.all([ada, adasPhone, bo, carlsBrowser].map((person) => person.leave()));
  await Promise.all([carl.close(), adasTerminal.close()]);
  await kithd.end();
});

const devicesOf = ({ page }: Person) => page.getByRole('list', { name: 'Your devices' });

describe('a browser', () => {
  it('is linked by another one, which reads the picture of its code', async () => {
    await showCode(adasPhone);
    await look(adasPhone.page, 'link-code');
    const code = await codeOn(adasPhone);
    await adasPhone.page.reload();
    await qrOf(adasPhone).waitFor();
    expect(await codeOn(adasPhone)).toBe(code);

    await openDialog(ada);
    await look(ada.page, 'link-dialog');
    await dialogOf(ada)
      .getByLabel('A picture of its code')
      .setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: await qrOf(adasPhone).screenshot() });
    await dialogOf(ada).getByText('Does it show this number?').waitFor();
    expect(await digitsOn(ada)).toBe(await digitsOn(adasPhone));
    await look(ada.page, 'link-question');
    await adasPhone.page.getByText(/^Your other device has the code/u).waitFor();
    await dialogOf(ada).getByRole('button', { name: 'Yes, link it' }).click();
    await dialogOf(ada)
      .getByText(/is coming into your account/u)
      .waitFor();
    await dialogOf(ada).getByRole('button', { name: 'OK' }).click();

    // Straight to the chats: no recovery key, nobody to be found first.
    await adasPhone.page.getByRole('heading', { name: 'Chats', exact: true }).waitFor();
    await adasPhone.openChatWith(bo);
    await devicesOf(ada).getByRole('listitem').nth(1).waitFor();
  });

  it('reads and writes in the chats of its account, as the other one does', async () => {
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('heading', { name: 'You', exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.openChatWith(bo);
    await bo.send('Hello both');
    await Promise.all([ada.sees('Hello both'), adasPhone.sees('Hello both')]);
    await adasPhone.send('From the phone');
    await Promise.all([bo.sees('From the phone'), ada.sees('From the phone')]);
    await bo.seesTick('Hello both', 'read');
    await ada.send('From the desk');
    await Promise.all([bo.sees('From the desk'), adasPhone.sees('From the desk')]);
  });

  it('is linked by a terminal, which is given the code', async () => {
    await showCode(carlsBrowser);
    await carl.run('devices', 'add', await codeOn(carlsBrowser), '--yes');
    await carlsBrowser.page.getByRole('heading', { name: 'Chats', exact: true }).waitFor();
    await bo.page.getByRole('button', { name: 'New chat' }).filter({ visible: true }).first().click();
    await bo.find(carlsBrowser);
    await bo.page.getByLabel('Message to Carl').waitFor();
    await bo.send('Hello Carl');
    await carlsBrowser.openChatWith(bo);
    await carlsBrowser.sees('Hello Carl');
    expect(await carl.run('receive', '--timeout', '5')).toContain('Hello Carl');
  });
});

describe('a terminal', () => {
  it('is linked by a browser in which its code is typed', async () => {
    const shown = await adasTerminal.link(ada.address);
    await openDialog(ada);
    const code = dialogOf(ada).getByLabel('Or type the code');
    await code.fill('not a code');
    await code.press('Enter');
    await dialogOf(ada).getByText('This is not such a code.').waitFor();
    await code.fill(shown.code.toLowerCase().replaceAll('-', ' '));
    await code.press('Enter');
    await dialogOf(ada).getByText('“lighthouse”').waitFor();
    expect(await digitsOn(ada)).toBe(shown.confirmation);
    await dialogOf(ada).getByRole('button', { name: 'Yes, link it' }).click();
    await shown.done;
    await dialogOf(ada).getByRole('button', { name: 'OK' }).click();
    await devicesOf(ada).getByText('lighthouse').waitFor();
    await ada.page.getByRole('button', { name: 'Rename lighthouse' }).click();
    await ada.page.getByLabel('Name', { exact: true }).fill('The lighthouse');
    await ada.page.getByLabel('Name', { exact: true }).press('Enter');
    await devicesOf(ada).getByText('The lighthouse').waitFor();
    await look(ada.page, 'devices');
    expect(await adasTerminal.run('devices')).toContain('The lighthouse (this one)');
  });

  it('reads what is written to its account', async () => {
    await bo.page.getByRole('link', { name: 'Ada Lovelace' }).click();
    await bo.page.getByLabel('Message to Ada Lovelace').waitFor();
    await bo.send('Hello all three');
    await adasPhone.sees('Hello all three');
    expect(await adasTerminal.run('receive', '--timeout', '10')).toContain('Hello all three');
    await adasTerminal.run('send', bo.name, 'From the lighthouse', '--wait', 'sent');
    await Promise.all([bo.sees('From the lighthouse'), adasPhone.sees('From the lighthouse')]);
  });
});

it('leaves nothing for the browsers to complain of', () => {
  const all = [ada, adasPhone, bo, carlsBrowser].flatMap((person) => person.complaints);
  expect(all).toEqual([]);
});
