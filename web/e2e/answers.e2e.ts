// A group of two browsers: a mention and a reply are seen, and a muted chat tells of nothing.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look, picture } from './look.ts';
import { Person } from './person.ts';
import { until } from './until.ts';

let kithd: Kithd;
let ada: Person;
let bo: Person;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900021'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900022'),
  ]);
  await Promise.all([ada.register(kithd), bo.register(kithd)]);
  for (const person of [ada, bo]) await person.page.getByRole('button', { name: 'Later' }).click();
  await ada.beginGroup();
  await ada.pick(bo.address, bo.name);
  await ada.page.getByRole('button', { name: 'Next' }).click();
  await ada.page.getByLabel('Name', { exact: true }).fill('Boat');
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await ada.seesLines('You added Bo Lindqvist');
  await bo.openGroup('Boat');
});

afterAll(async () => {
  await ada.leave();
  await bo.leave();
  await kithd.end();
});

// Nobody looks at this tab, and what its browser is asked to notify of is written down instead.
async function hide(page: Page): Promise<void> {
  await page.evaluate(() => {
    const shown: string[] = [];
    Object.assign(window, { shown });
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
    // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- as the browser has it
    window.Notification = class {
      static readonly permission = 'granted';
      constructor(title: string, options?: NotificationOptions) {
        shown.push(`${title}: ${options?.body ?? ''}`);
      }
    } as unknown as typeof Notification;
    document.dispatchEvent(new Event('visibilitychange'));
  });
}

function notified(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { shown: string[] }).shown);
}

const alerts = (page: Page, label: string) =>
  page.getByRole('complementary').getByLabel(label, { exact: true });

describe('answers and mentions', () => {
  it('reach the other browser: a name picked from the list', async () => {
    await ada.composer().pressSequentially('Ready, @b');
    await ada.page.getByRole('option', { name: 'Bo Lindqvist' }).waitFor();
    await look(ada.page, 'mention-list');
    await ada.composer().press('Enter');
    await ada.composer().pressSequentially('?');
    await ada.composer().press('Enter');
    await bo.page.locator('.mention[data-mine="true"]', { hasText: '@Bo Lindqvist' }).waitFor();
    expect(await bo.page.locator('.bubble-text').last().textContent()).toBe('Ready, @Bo Lindqvist ?');
  });

  it('reach it with what they answer, which leads to the original', async () => {
    const question = bo.page.locator('.message').last();
    const size = bo.page.viewportSize();
    await bo.page.setViewportSize({ width: 360, height: 740 });
    await question.hover();
    await question.getByRole('button', { name: 'More about this message' }).click();
    const menu = await bo.page.getByRole('menu').boundingBox();
    await picture(bo.page, 'message-menu-360');
    expect(menu?.x).toBeGreaterThanOrEqual(0);
    expect((menu?.x ?? 0) + (menu?.width ?? 0)).toBeLessThanOrEqual(360);
    await bo.page.getByRole('menuitem', { name: 'Reply' }).click();
    if (size !== null) await bo.page.setViewportSize(size);
    await bo.page.getByRole('group', { name: 'Reply' }).waitFor();
    await look(bo.page, 'reply-bar');
    await bo.send('Aye');
    await ada.sees('Aye');
    for (const [person, name] of [
      [ada, 'You'],
      [bo, 'Ada Lovelace'],
    ] as const) {
      const quote = person.message('Aye').locator('.quote');
      expect(await quote.textContent()).toBe(`${name}Ready, @Bo Lindqvist ?`);
      await quote.click();
      expect(await person.page.evaluate(() => document.activeElement?.textContent)).toContain('Ready,');
    }
    await look(ada.page, 'reply');
  });

  it('are there after a reload, with what was begun', async () => {
    await ada.composer().fill('I was about to');
    await ada.page.reload();
    await ada.sees('Aye');
    expect(await ada.composer().inputValue()).toBe('I was about to');
    await ada.composer().fill('');
    expect(await ada.message('Aye').locator('.quote').textContent()).toBe('YouReady, @Bo Lindqvist ?');
    expect(await ada.page.locator('.mention').allTextContents()).toEqual(['@Bo Lindqvist']);
  });

  it('tell whoever does not look, as the chat’s level says, and nothing while it is muted', async () => {
    await bo.openPanel();
    await look(bo.page, 'alert-settings');
    await alerts(bo.page, 'Tell me of').selectOption('Only mentions');
    await hide(bo.page);
    await ada.send('To all');
    await ada.composer().fill('Look, @Bo Lindqvist');
    await ada.composer().press('Enter');
    await until('Bo is told', async () => (await notified(bo.page)).length > 0);
    expect(await notified(bo.page)).toEqual(['Boat: Ada Lovelace: Look, @Bo Lindqvist']);
    const row = bo.page.getByRole('link', { name: /^Boat/u });
    await row.getByText('mentions you').waitFor();

    await alerts(bo.page, 'Tell me of').selectOption('All messages');
    await alerts(bo.page, 'Mute').selectOption('For 8 hours');
    await row.getByText('muted', { exact: true }).waitFor();
    await ada.composer().fill('Psst, @Bo Lindqvist');
    await ada.composer().press('Enter');
    await bo.page.locator('.message', { hasText: 'Psst, @Bo Lindqvist' }).waitFor();
    await look(bo.page, 'muted');
    await alerts(bo.page, 'Mute').selectOption('Off');
    await row.getByText('muted', { exact: true }).waitFor({ state: 'detached' });
    await ada.send('Hear, hear');
    await until('Bo is told again', async () => (await notified(bo.page)).length > 1);
    expect(await notified(bo.page)).toEqual([
      'Boat: Ada Lovelace: Look, @Bo Lindqvist',
      'Boat: Ada Lovelace: Hear, hear',
    ]);
  });

  it('made no browser complain', () => {
    expect(ada.complaints).toEqual([]);
    expect(bo.complaints).toEqual([]);
  });
});
