// The new device of bench/devices as a browser: chromium, with the web client that kithd serves, used as people do. Speaks
// JSON lines: says {code}, then {first_chat, tenth_chat, last_chat, history, messages} (moments as Unix milliseconds).
//
//     node bench/devices_browser.mjs ORIGIN NUMBER

import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { chromium } = createRequire(new URL('../web/package.json', import.meta.url))('playwright-core');
const [origin, number] = process.argv.slice(2);
const kLimitMs = 900_000;
const kArguments = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const tell = (what) => console.log(JSON.stringify(what));

const profile = await mkdtemp(join(tmpdir(), 'kith-bench-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: kArguments,
  viewport: { width: 1280, height: 900 },
});

// When the line of the history's progress came, and when it had gone.
async function watchHistory(page) {
  await page.addInitScript(() => {
    window.historySeen = null;
    window.historyGone = null;
    const look = () => {
      const is = document.querySelector('.history-line') !== null;
      if (is) [window.historySeen, window.historyGone] = [window.historySeen ?? Date.now(), null];
      else if (window.historySeen !== null) window.historyGone ??= Date.now();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
}

// Opens the chat at this place of the list, writes, and waits until the server has it.
async function writeIn(page, at) {
  const text = `from the browser ${at}`;
  await page.locator('.chat-row').nth(at).click();
  const field = page.getByRole('textbox', { name: /^Message/u });
  await field.fill(text);
  await field.press('Enter');
  const ticks = page.locator('.message', { hasText: text }).locator('.ticks:not([data-state="pending"])');
  await ticks.first().waitFor({ timeout: kLimitMs });
  return Date.now();
}

// Rows of messages in the browser's store.
const countMessages = (page) =>
  page.evaluate(async () => {
    const open = (name) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    let count = 0;
    for (const { name } of await indexedDB.databases()) {
      const database = await open(name);
      for (const store of database.objectStoreNames) {
        const range = IDBKeyRange.bound(new Uint8Array([0x6d]), new Uint8Array([0x6e]), false, true);
        const request = database.transaction(store).objectStore(store).count(range);
        count += await new Promise((resolve) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => resolve(0);
        });
      }
      database.close();
    }
    return count;
  });

try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  page.setDefaultTimeout(kLimitMs);
  await watchHistory(page);
  await page.goto(origin);
  await page.getByRole('button', { name: 'Link to a device that you already use' }).click();
  await page.getByLabel('Phone number or e-mail').fill(number);
  await page.getByRole('button', { name: 'Show a code' }).click();
  const groups = page.getByRole('list', { name: 'The code, in groups' });
  await groups.waitFor();
  tell({ code: (await groups.getByRole('listitem').allTextContents()).join('-') });
  await page.locator('.chat-row').first().waitFor();
  const first_chat = await writeIn(page, 0);
  let tenth_chat = first_chat;
  const chats = await page.locator('.chat-row').count();
  for (let at = 1; at < Math.min(10, chats); ++at) tenth_chat = await writeIn(page, at);
  // Chats are entered in the order of the list, and those that were written in stand first by now.
  const last_chat = await writeIn(page, chats - 1);
  await page.waitForFunction(() => window.historyGone !== null && Date.now() - window.historyGone > 3000, null, {
    polling: 500,
  });
  tell({ first_chat, tenth_chat, last_chat, history: await page.evaluate(() => window.historyGone), messages: await countMessages(page) });
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
