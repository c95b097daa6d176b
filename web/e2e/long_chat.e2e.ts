import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { createServer } from 'vite';
import type { ViteDevServer } from 'vite';
import type { FakeCore } from '../test-support/fake_core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Scrolling is the browser's, so it is tried in one: the gallery's chat of 2,000 messages, no server.
let vite: ViteDevServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  vite = await createServer({
    root: join(import.meta.dirname, '..'),
    server: { host: '127.0.0.1', port: 0 },
    logLevel: 'error',
  });
  await vite.listen();
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  await page.goto(`${vite.resolvedUrls?.local[0]}test-support/gallery.html?screen=long`);
  await page.getByText('Message 2000', { exact: false }).last().waitFor();
});

afterAll(async () => {
  await browser.close();
  await vite.close();
});

interface View {
  message: number; // the first one that shows
  top: number; // where, in pixels below the list's upper edge
  rows: number;
}

async function view(): Promise<View> {
  return page.evaluate(() => {
    const list = document.querySelector('.messages');
    const edge = list?.getBoundingClientRect().top ?? 0;
    const rows = [...(list?.querySelectorAll('[data-row]') ?? [])];
    const first = rows.find((row) => row.getBoundingClientRect().bottom > edge);
    return {
      message: Number(/\d+/u.exec(first?.querySelector('.bubble-text')?.textContent ?? '')?.[0] ?? 0),
      top: Math.round((first?.getBoundingClientRect().top ?? 0) - edge),
      rows: rows.length,
    };
  });
}

// Of the list, in pixels: its height, and how far from its end it stands.
async function sizes(): Promise<{ height: number; fromEnd: number }> {
  return page.locator('.messages').evaluate((list) => ({
    height: list.clientHeight,
    fromEnd: Math.round(list.scrollHeight - list.scrollTop - list.clientHeight),
  }));
}

async function wheel(by: number): Promise<void> {
  await page.mouse.move(900, 400);
  await page.mouse.wheel(0, by);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function scroll(by: number, done: (now: View) => boolean): Promise<void> {
  let before = await view();
  for (let turn = 0; turn < 1000; turn++) {
    await wheel(by);
    const now = await view();
    expect(now.rows).toBeLessThanOrEqual(300);
    // A turn of the wheel passes some messages, never a page, and never the wrong way.
    expect(Math.sign(by) * (now.message - before.message)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(now.message - before.message)).toBeLessThan(45);
    if (done(now)) return;
    before = now;
  }
  throw new Error('never arrived');
}

describe('a chat of 2,000 messages', () => {
  it('is read to its beginning and back to its end without a jump, in a bounded page', async () => {
    expect((await view()).rows).toBe(50);
    await scroll(-700, (now) => now.message <= 1);
    await scroll(700, (now) => now.message > 1975);
  });

  it('stays where its reader is when messages come in', async () => {
    await wheel(-900);
    await wheel(0);
    const before = await view();
    await page.evaluate(() => {
      const { core } = window as unknown as { core: { receives(user: string, text: string): void } };
      for (let index = 0; index < 30; index++) core.receives(`018f${'c3'.repeat(14)}`, `New ${index}`);
    });
    await page.getByRole('button', { name: /^To the end/u }).waitFor();
    const after = await view();
    expect([after.message, after.top]).toEqual([before.message, before.top]);
  });

  it('goes to its end at a press', async () => {
    await page.getByRole('button', { name: /^To the end/u }).click();
    await page.getByText('New 29').last().waitFor();
    await expect.poll(() => page.getByText('New 29').last().isVisible()).toBe(true);
    await expect.poll(() => page.getByRole('button', { name: /^To the end/u }).count()).toBe(0);
  });

  it('shows its newest message over a composer of many lines, and of one again', async () => {
    const composer = page.getByRole('textbox', { name: /^Message to/u });
    await composer.focus();
    const { height, fromEnd } = await sizes();
    expect(fromEnd).toBe(0);
    for (let line = 0; line < 9; line++) await page.keyboard.press('Shift+Enter');
    await expect.poll(async () => (await sizes()).height).toBeLessThan(height - 100);
    await expect.poll(async () => (await sizes()).fromEnd).toBe(0);
    expect(await page.getByRole('button', { name: /^To the end/u }).count()).toBe(0);
    await composer.fill('');
    await expect.poll(sizes).toEqual({ height, fromEnd: 0 });
    expect(await page.getByRole('button', { name: /^To the end/u }).count()).toBe(0);
  });

  it('leads from a quote to a message that was not loaded, and it stays in sight', async () => {
    const text = await page.evaluate(() => {
      const { core } = window as unknown as { core: FakeCore };
      const user = `018f${'c3'.repeat(14)}`;
      const { id, text: said = '' } = core.messageAt(user + user, 302);
      const reply = { message: id, sender: user, text: said, known: true };
      core.receivesIn(user + user, user, 'As you said', undefined, { reply });
      return said;
    });
    await page.locator('.message', { hasText: 'As you said' }).getByTitle('To this message').click();
    const found = page.locator('.message[data-found]');
    await found.waitFor();
    expect(await found.locator('.bubble-text').textContent()).toBe(text);
    for (let turn = 0; turn < 5; turn++) {
      await wheel(0);
      const { list, row } = await page.evaluate(() => ({
        list: document.querySelector('.messages')?.getBoundingClientRect().toJSON() as DOMRect,
        row: document.querySelector('[data-found]')?.getBoundingClientRect().toJSON() as DOMRect,
      }));
      expect(row.top).toBeGreaterThanOrEqual(list.top);
      expect(row.bottom).toBeLessThanOrEqual(list.bottom);
    }
    await page.getByRole('button', { name: /^To the end/u }).click();
    await page.getByText('As you said').last().waitFor();
  });

  it('is one stop of the Tab key, and is walked through by the arrows', async () => {
    const inList = () => page.evaluate(() => document.activeElement?.closest('.messages') !== null);
    const current = () =>
      page.evaluate(() => {
        const row = document.activeElement;
        const seen = row?.getBoundingClientRect();
        const list = row?.closest('.messages')?.getBoundingClientRect();
        const shows = seen !== undefined && list !== undefined && seen.top >= list.top - seen.height;
        return { shows, seq: Number(row?.getAttribute('data-seq')) };
      });
    await page.getByRole('textbox', { name: /^Message to/u }).focus();
    let stops = -1;
    do {
      await page.keyboard.press('Shift+Tab');
      stops++;
    } while (await inList());
    expect(stops).toBeGreaterThan(0);
    expect(stops).toBeLessThan(5);
    await page.keyboard.press('Tab');
    const newest = (await current()).seq;
    // What comes before the first one that is loaded may still be on its way.
    for (let step = 1; step <= 120; step++) {
      await expect
        .poll(async () => {
          if ((await current()).seq > newest - step) await page.keyboard.press('ArrowUp');
          return current();
        })
        .toEqual({ shows: true, seq: newest - step });
    }
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    expect((await current()).seq).toBe(newest);
  });

  it('shows what is sent from far back', async () => {
    // So far that the newest page is not there any more.
    const newest = page.locator('.messages').getByText('New 29');
    for (let turn = 0; turn < 500 && (await newest.count()) > 0; turn++) await wheel(-700);
    expect(await newest.count()).toBe(0);
    await page.getByRole('textbox', { name: /^Message to/u }).fill('From far back');
    await page.keyboard.press('Enter');
    await page.getByText('From far back').last().waitFor();
    await expect.poll(async () => (await sizes()).fromEnd).toBe(0);
    await expect.poll(() => page.getByRole('button', { name: /^To the end/u }).count()).toBe(0);
  });
});
