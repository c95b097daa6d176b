// Pictures of every screen on the scripted core, at three widths, light and dark, into build/screens (or the folder given).
// usage: node test-support/screens.mjs [--out FOLDER] [SCREEN...]
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const press = (name) => (page) => page.getByRole('button', { name }).click();

async function choosePeople(page) {
  for (const name of ['Mira', 'Teresa', 'Jun']) await page.getByRole('checkbox', { name }).check();
}

async function openMenu(page) {
  await page.getByRole('button', { name: 'More about Mira Okafor' }).click();
}

async function lookAtLink(page) {
  await page.getByRole('button', { name: 'Link a new device' }).click();
  await page.getByLabel('Or type the code').fill('7K3M-9QXD-V2CB-40TF-HN6W-PZ8R');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Yes, link it' }).waitFor();
}

// Screens that are reached from another one, and how.
const kReached = {
  confirm: ['key', press('I’ve saved it')],
  account_key: ['account', press('Use my recovery key')],
  account_anew: ['account', press('I have neither')],
  check_key: [
    'you',
    async (page) => {
      await page.getByRole('button', { name: 'Check your recovery key' }).click();
      await page.getByLabel('Or type the recovery key').fill('K7QM-3XVA-ZP4D-HN2W-B9TC-R6EY-GJ5S');
      await page.getByText('This is your recovery key.').waitFor();
    },
  ],
  shortcuts: [
    'chat',
    async (page) => {
      await page.locator('.messages').focus();
      await page.keyboard.press('?');
    },
  ],
  offline: ['offline', (page) => page.waitForTimeout(2200)],
  group_people: ['new_group', choosePeople],
  group_name: [
    'new_group',
    async (page) => {
      await choosePeople(page);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Boat and beyond');
    },
  ],
  group_menu: ['group_owner', openMenu],
  group_rules: ['group_owner', (page) => page.getByText('Leave group').scrollIntoViewIfNeeded()],
  group_edit: ['group_owner', press('Change the description')],
  reply: [
    'group',
    async (page) => {
      await page.getByRole('textbox', { name: /^Message to/u }).press('Control+ArrowUp');
      await page.keyboard.type('So do I');
    },
  ],
  mention: [
    'group',
    async (page) => {
      await page.getByRole('textbox', { name: /^Message to/u }).pressSequentially('And @');
    },
  ],
  message_menu: [
    'group',
    async (page) => {
      await page.getByRole('article').last().hover();
      await page.getByRole('button', { name: 'More about this message' }).last().click();
    },
  ],
  group_links: ['group_invites', (page) => page.getByText('Make an invite link').scrollIntoViewIfNeeded()],
  group_link: ['group_invites', press('Make an invite link')],
  group_link_made: [
    'group_invites',
    async (page) => {
      await page.getByRole('button', { name: 'Make an invite link' }).click();
      await page.getByRole('button', { name: 'Make link' }).click();
    },
  ],
  group_remove: [
    'group_invites',
    async (page) => {
      await openMenu(page);
      await page.getByRole('menuitem', { name: 'Remove from group' }).click();
    },
  ],
  namesakes_list: ['namesakes', (page) => page.evaluate('window.location.hash = "#/"')],
  group_revoke: ['group_invites', (page) => page.getByRole('button', { name: 'Revoke' }).first().click()],
  join_asked: ['join_ask', press('Ask to join')],
  group_hand_over: [
    'group_owner',
    async (page) => {
      await openMenu(page);
      await page.getByRole('menuitem', { name: 'Hand over the group' }).click();
    },
  ],
  group_leave: ['group_member', press('Leave group')],
  message_info: ['group', press('Message info: delivered')],
  safety: ['info', press(/^Safety number/u)],
  safety_verified: [
    'verified',
    async (page) => {
      await page.getByRole('button', { name: /^Safety number/u }).click();
    },
  ],
  link_address: ['number', press('Link to a device that you already use')],
  device_rename: ['devices', press('Rename Chrome on Android')],
  device_remove: ['devices', press('Remove Chrome on Android')],
  new_keys: [
    'devices',
    async (page) => {
      await page.getByRole('button', { name: 'Make new keys' }).click();
      await page.getByLabel('Recovery key (optional)').fill('K7QM-3XVA-ZP4D-HN2W-B9TC-R6EY-GJ5S');
      await page.getByText('This is your recovery key.').waitFor();
    },
  ],
  link_code: ['devices', press('Link a new device')],
  link_wrong: [
    'devices',
    async (page) => {
      await page.getByRole('button', { name: 'Link a new device' }).click();
      await page.getByLabel('Or type the code').fill('abcd efgh');
      await page.keyboard.press('Enter');
    },
  ],
  link_asked: ['devices', lookAtLink],
  link_done: [
    'devices',
    async (page) => {
      await lookAtLink(page);
      await page.getByRole('button', { name: 'Yes, link it' }).click();
    },
  ],
  chat_menu: [
    'arranged',
    (page) =>
      page.getByRole('link', { name: /^Mira/u }).click({ button: 'right', position: { x: 150, y: 40 } }),
  ],
  chat_hover: ['arranged', (page) => page.getByRole('link', { name: /^Mira/u }).hover()],
  chat_mute: [
    'arranged',
    async (page) => {
      await page.getByRole('link', { name: /^Mira/u }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Mute…' }).click();
    },
  ],
  archived_found: ['arranged', (page) => page.getByLabel('Find a chat').fill('a')],
  history_off: ['history', (page) => page.getByRole('switch').click()],
  export: ['history', press('Export my history')],
  export_done: [
    'history',
    async (page) => {
      await page.getByRole('button', { name: 'Export my history' }).click();
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      await page.getByRole('button', { name: 'Save again' }).waitFor();
    },
  ],
  group_stay: ['group_owner', press('Leave group')],
};

const args = process.argv.slice(2);
const outAt = args.indexOf('--out');
const out = resolve(outAt >= 0 ? args.splice(outAt, 2)[1] : '../build/screens');
const kScreens = [
  'namesakes namesakes_list group_remove group_invites group_links group_link group_link_made group_revoke join join_ask join_asked join_nowhere',
  'number code name key confirm first empty chats chat info unread failed lost fresh changed long new you offline',
  'account account_key account_anew check_key devices_doubt device_remove new_keys removed',
  'safety safety_verified verified',
  'link_address link link_taken arriving devices device_rename link_code link_wrong link_asked link_done',
  'arranged chat_hover chat_menu chat_mute archived archived_none archived_found incoming devices_history history history_off export export_done',
  'elsewhere shortcuts group group_fresh group_closed group_out group_owner group_member group_menu group_rules',
  'message_info group_edit reply mention message_menu group_add group_hand_over group_leave group_stay group_hostile new_group group_people group_name',
].flatMap((line) => line.split(' '));
const wanted = args.length > 0 ? args : kScreens;
mkdirSync(out, { recursive: true });

const vite = await createServer({ server: { port: 0, host: '127.0.0.1' }, logLevel: 'warn' });
await vite.listen();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  ),
});

const base = vite.resolvedUrls.local[0];
for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [
    [360, 740],
    [768, 1024],
    [1440, 900],
  ]) {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale: 'en-GB',
      deviceScaleFactor: 1,
    });
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
    page.on('pageerror', (error) => console.error(error));
    for (const screen of wanted) {
      const [shown, reach] = kReached[screen] ?? [screen, undefined];
      await page.goto(`${base}test-support/gallery.html?screen=${shown}`);
      await page.evaluate(() => document.fonts.ready);
      await reach?.(page);
      await page.waitForTimeout(450);
      await page.screenshot({ path: `${out}/${screen}-${width}-${colorScheme}.png` });
    }
    await context.close();
  }
}
await browser.close();
await vite.close();
console.log(`pictures in ${out}`);
