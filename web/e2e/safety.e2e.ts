import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kithd } from './kithd.ts';
import { look } from './look.ts';
import { Person } from './person.ts';

// What Bo's camera sees, read when it is opened.
const kSeen = join(tmpdir(), `kith-camera-${process.pid}.y4m`);

let kithd: Kithd;
let ada: Person;
let bo: Person;

beforeAll(async () => {
  kithd = await Kithd.start();
  [ada, bo] = await Promise.all([
    Person.arrive(kithd, 'Ada Lovelace', '+44 7700 900001'),
    Person.arrive(kithd, 'Bo Lindqvist', '+44 7700 900002', kSeen),
  ]);
  await Promise.all([ada.register(kithd), bo.register(kithd)]);
});

afterAll(async () => {
  await ada.leave();
  await bo.leave();
  await kithd.end();
  await rm(kSeen, { force: true });
});

const dialogOf = ({ page }: Person) => page.getByRole('dialog', { name: 'Safety number' });
const codeOf = (person: Person) =>
  dialogOf(person).getByRole('img', { name: 'QR code of this safety number' });
const digitsOf = (person: Person) => dialogOf(person).getByRole('listitem').allTextContents();
const markOf = ({ page }: Person) =>
  page.locator('.conversation-header').getByText('verified', { exact: true });

// By the panel about the other.
async function openNumber({ page }: Person, other: Person): Promise<void> {
  await page.getByRole('button', { name: `${other.name}, details` }).click();
  await page.getByRole('button', { name: /^Safety number/u }).click();
}

async function choose(person: Person, picture: Buffer): Promise<void> {
  await dialogOf(person)
    .getByLabel('A picture of their code')
    .setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
}

// A picture as a film of one frame, in the middle of a grey one, as Chromium's camera for tests takes it.
async function film(page: Page, code: Locator): Promise<Buffer> {
  const [width, height] = [640, 480];
  const grey = await page.evaluate(
    async ({ png, width, height }) => {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(width, height).getContext('2d');
      if (context === null) return [];
      context.fillStyle = '#777';
      context.fillRect(0, 0, width, height);
      const side = height - 40;
      context.drawImage(picture, (width - side) / 2, 20, side, side);
      return Array.from(context.getImageData(0, 0, width, height).data).filter((_, at) => at % 4 === 0);
    },
    { png: (await code.screenshot()).toString('base64'), width, height },
  );
  const head = `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\nFRAME\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(grey), Buffer.alloc((width * height) / 2, 128)]);
}

describe('safety numbers', () => {
  it('are reached from a chat in which nothing was said', async () => {
    await ada.find(bo);
    await ada.page.getByRole('button', { name: 'Compare safety numbers' }).click();
    await codeOf(ada).waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.send('Hello Bo');
    await bo.page.getByRole('button', { name: 'Later' }).click();
    await bo.openChatWith(ada);
    await bo.send('Hello Ada');
    await ada.sees('Hello Ada');
  });

  it('are the same on both sides', async () => {
    await openNumber(ada, bo);
    await openNumber(bo, ada);
    await Promise.all([codeOf(ada).waitFor(), codeOf(bo).waitFor()]);
    expect(await digitsOf(ada)).toHaveLength(12);
    expect(await digitsOf(ada)).toEqual(await digitsOf(bo));
    await look(ada.page, 'safety-number');
  });

  it('are compared by a picture of the code, marked, and the mark stays', async () => {
    await choose(ada, await codeOf(ada).screenshot());
    await dialogOf(ada).getByText('the safety number of two others').waitFor();
    await choose(ada, await codeOf(bo).screenshot());
    await dialogOf(ada).getByText('The safety numbers are the same, and so is the chat.').waitFor();
    await look(ada.page, 'safety-compared');
    await dialogOf(ada).getByRole('button', { name: 'Mark as verified' }).click();
    await dialogOf(ada).getByText('Bo Lindqvist is verified').waitFor();
    await ada.page.keyboard.press('Escape');
    await markOf(ada).waitFor({ state: 'attached' });
    await look(ada.page, 'verified');
    await ada.page.reload();
    await markOf(ada).waitFor({ state: 'attached' });
    expect(await markOf(bo).count()).toBe(0);
  });

  it('are scanned by the camera', async () => {
    await ada.page.getByRole('button', { name: /^Safety number/u }).click();
    await codeOf(ada).waitFor();
    await writeFile(kSeen, await film(ada.page, codeOf(ada)));
    await dialogOf(bo).getByRole('button', { name: 'Scan their code' }).click();
    await dialogOf(bo).getByText('The safety numbers are the same, and so is the chat.').waitFor();
    await dialogOf(bo).getByRole('button', { name: 'Mark as verified' }).click();
    await markOf(bo).waitFor({ state: 'attached' });
  });

  it('leave nothing for the browser to complain of', () => {
    expect([...ada.complaints, ...bo.complaints]).toEqual([]);
  });
});
