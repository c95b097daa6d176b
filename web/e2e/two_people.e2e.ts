import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';

const kAway = 500;

let kithd: Kithd;
let ada: Person;
let bo: Person;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900001'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900002'),
  ]);
});

afterAll(async () => {
  await ada.leave();
  await bo.leave();
  await kithd.end();
});

describe('two people', () => {
  it('register with their numbers', async () => {
    await Promise.all([ada.register(kithd, (name) => look(ada.page, name)), bo.register(kithd)]);
    await look(ada.page, 'first-chat');
  });

  it('find each other and write both ways, with all ticks', async () => {
    await ada.find(bo);
    await look(ada.page, 'fresh-chat');
    await bo.page.getByRole('button', { name: 'Later' }).click();
    await look(bo.page, 'no-chats');

    await ada.send('Hello Bo');
    await bo.page.getByRole('link', { name: ada.name }).waitFor();
    await ada.seesTick('Hello Bo', 'delivered');
    await look(bo.page, 'unread-list');

    await bo.openChatWith(ada);
    await bo.sees('Hello Bo');
    await ada.seesTick('Hello Bo', 'read');

    await bo.send('Hello Ada');
    await ada.sees('Hello Ada');
    await bo.seesTick('Hello Ada', 'read');
    await look(bo.page, 'chat');

    await bo.page.getByRole('button', { name: `${ada.name}, details` }).click();
    await bo.page.getByRole('complementary', { name: `About ${ada.name}` }).waitFor();
    await look(bo.page, 'about');
    await bo.page.keyboard.press('Escape');
    await bo.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await look(bo.page, 'shortcuts');
    await bo.page.keyboard.press('Escape');
    await bo.page.getByRole('button', { name: 'You', exact: true }).click();
    await look(bo.page, 'you');
    await bo.page.getByRole('button', { name: 'Back' }).first().click();
    await bo.openChatWith(ada);
  });

  it('find somebody who is not there', async () => {
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('button', { name: 'New chat' }).first().click();
    await ada.page.getByLabel('Phone number or e-mail').fill('+44 7700 900999');
    await ada.page.getByRole('button', { name: 'Find' }).click();
    await ada.page.getByText('Nobody on this server uses +44 7700 900999.').waitFor();
    await look(ada.page, 'new-chat');
    await ada.page.getByRole('button', { name: 'Back' }).click();
    await ada.openChatWith(bo);
  });

  it('write while offline and catch up, with 500 messages in their order', async () => {
    ada.cable.unplug();
    await ada.page.getByText('Waiting for network').filter({ visible: true }).waitFor();
    await look(ada.page, 'offline');
    await ada.send('Written without a network');
    await ada.seesTick('Written without a network', 'pending');
    for (let index = 1; index <= kAway; index++) await bo.send(`While you were away ${index}`);
    await bo.seesTick(`While you were away ${kAway}`, 'sent');

    ada.cable.plug();
    await ada.sees(`While you were away ${kAway}`);
    await ada.seesTick('Written without a network', 'read');
    await bo.seesTick(`While you were away ${kAway}`, 'read');
    const away = Array.from({ length: kAway }, (_, index) => `While you were away ${index + 1}`);
    const all = ['Hello Bo', 'Hello Ada', ...away, 'Written without a network'];
    expect(await ada.readBack()).toEqual(all);
    expect(await bo.readBack()).toEqual(all);
  });

  it('keep everything over a reload and a closed browser', async () => {
    const before = await ada.readBack();
    await ada.page.reload();
    await ada.sees('Written without a network');
    expect(await ada.readBack()).toEqual(before);
    await ada.restart();
    await ada.openChatWith(bo);
    await ada.sees('Written without a network');
    expect(await ada.readBack()).toEqual(before);
    await ada.send('Still here');
    await bo.sees('Still here');
  });

  it('can open Kith without a network, read, and write for later', async () => {
    await ada.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    ada.cable.unplug();
    await ada.page.reload();
    await ada.sees('Still here');
    await ada.send('From the shell');
    await ada.seesTick('From the shell', 'pending');
    ada.cable.plug();
    await bo.sees('From the shell');
  });

  it('keep a sent message when the server is killed and comes back', async () => {
    await ada.send('Before the crash');
    await ada.seesTick('Before the crash', 'sent', 'delivered', 'read');
    await kithd.kill();
    await ada.send('During the crash');
    await ada.seesTick('During the crash', 'pending');
    await kithd.run();
    await ada.seesTick('During the crash', 'read');
    await bo.sees('Before the crash');
    await bo.sees('During the crash');
  });

  it('use one tab at a time, and take Kith over in another', async () => {
    const second = await ada.secondTab();
    await second.getByRole('heading', { name: 'Kith is open in another tab' }).waitFor();
    await look(second, 'another-tab');
    await second.getByRole('button', { name: 'Use here' }).click();
    await second.getByRole('link', { name: bo.name }).waitFor();
    await ada.page.getByRole('heading', { name: 'Kith is open in another tab' }).waitFor();

    await second.getByRole('link', { name: bo.name }).click();
    await second.getByRole('textbox', { name: /^Message to/u }).fill('From the second tab');
    await second.keyboard.press('Enter');
    await bo.sees('From the second tab');

    await ada.page.getByRole('button', { name: 'Use here' }).click();
    await ada.sees('From the second tab');
    await second.getByRole('heading', { name: 'Kith is open in another tab' }).waitFor();
    await second.close();
  });

  it('made no browser complain', () => {
    expect(ada.complaints).toEqual([]);
    expect(bo.complaints).toEqual([]);
  });
});
