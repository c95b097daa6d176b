// Pictures of every screen on the scripted core, at three widths, light and dark, into build/screens (or the folder given).
// usage: node test-support/screens.mjs [--out FOLDER] [SCREEN...]
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const args = process.argv.slice(2);
const outAt = args.indexOf('--out');
const out = resolve(outAt >= 0 ? args.splice(outAt, 2)[1] : '../build/screens');
const kScreens =
  'number code name key confirm first empty chats chat info unread failed lost fresh changed long new you offline elsewhere shortcuts'.split(
    ' ',
  );
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
      const shown = { confirm: 'key', shortcuts: 'chat' }[screen] ?? screen;
      await page.goto(`${base}test-support/gallery.html?screen=${shown}`);
      await page.evaluate(() => document.fonts.ready);
      if (screen === 'confirm') await page.getByRole('button', { name: 'I’ve saved it' }).click();
      if (screen === 'shortcuts') {
        await page.locator('.messages').focus();
        await page.keyboard.press('?');
      }
      await page.waitForTimeout(screen === 'offline' ? 2600 : 450);
      await page.screenshot({ path: `${out}/${screen}-${width}-${colorScheme}.png` });
    }
    await context.close();
  }
}
await browser.close();
await vite.close();
console.log(`pictures in ${out}`);
