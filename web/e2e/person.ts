// Somebody with a browser profile of their own, at the end of a cable of their own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { Cable } from './cable.ts';
import type { Kithd } from './kithd.ts';
import { until } from './until.ts';

const kArguments =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export type Tick = 'pending' | 'sent' | 'delivered' | 'read';

export class Person {
  // What the browser complained about: errors, and whatever the Content-Security-Policy refused.
  readonly complaints: string[] = [];
  // As it was shown at registration.
  recoveryKey = '';

  private constructor(
    readonly name: string,
    readonly address: string,
    readonly cable: Cable,
    private readonly profile_: string,
    private context_: BrowserContext,
    public page: Page,
    private readonly camera_?: string,
  ) {}

  // `camera`: the film (Y4M) that the browser's camera sees, looked for when it is opened.
  static async arrive(kithd: Kithd, name: string, address: string, camera?: string): Promise<Person> {
    const cable = await Cable.to(kithd.port);
    const profile = await mkdtemp(join(tmpdir(), 'kith-profile-'));
    const context = await launch(profile, camera);
    const page = context.pages()[0] ?? (await context.newPage());
    const person = new Person(name, address, cable, profile, context, page, camera);
    person.listen(page);
    await page.goto(cable.origin);
    return person;
  }

  // Closes the browser and opens it again with the same profile.
  async restart(): Promise<void> {
    await this.context_.close();
    this.context_ = await launch(this.profile_, this.camera_);
    this.page = this.context_.pages()[0] ?? (await this.context_.newPage());
    this.listen(this.page);
    await this.page.goto(this.cable.origin);
  }

  async secondTab(): Promise<Page> {
    const page = await this.context_.newPage();
    this.listen(page);
    await page.goto(this.cable.origin);
    return page;
  }

  async leave(): Promise<void> {
    await this.context_.close();
    this.cable.end();
    await rm(this.profile_, { recursive: true, force: true });
  }

  // Kith anew, by an address of it.
  async openAt(fragment: string): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.cable.origin}/${fragment}`);
  }

  // Up to the first chat. `screen` is called on each screen on the way.
  async register(
    kithd: Kithd,
    screen: (name: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.signUp(kithd, screen);
    await this.page.getByRole('heading', { name: 'Who do you want to write to?' }).waitFor();
  }

  // Up to a ready account.
  async signUp(
    kithd: Kithd,
    screen: (name: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { page } = this;
    await page.getByLabel('Phone number or e-mail').waitFor();
    await screen('number');
    await page.getByLabel('Phone number or e-mail').fill(this.address);
    await page.getByRole('button', { name: 'Send code' }).click();
    await page.getByLabel('Code').waitFor();
    await screen('code');
    await page.getByLabel('Code').fill(await kithd.codeFor(this.address));
    await page.getByLabel('Name').fill(this.name);
    await screen('name');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('list', { name: 'Recovery key' }).waitFor();
    const groups = await page.locator('.key-group-text').allTextContents();
    this.recoveryKey = groups.join(' ');
    await screen('recovery-key');
    await page.getByRole('button', { name: 'I’ve saved it' }).click();
    await screen('confirm-key');
    for (const field of await page.getByLabel(/^Group \d/u).all()) {
      const label = await field.evaluate(
        (input) => (input as HTMLInputElement).labels?.[0]?.textContent ?? '',
      );
      await field.fill(groups[Number(/\d+/u.exec(label)?.[0]) - 1] ?? '');
    }
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  // From any screen with the field: the fifth of the first run, or "New chat".
  async find(other: Person): Promise<void> {
    await this.page.getByLabel('Phone number or e-mail').fill(other.address);
    await this.page.getByRole('button', { name: 'Find' }).click();
    await this.composer().waitFor();
  }

  async openChatWith(other: Person): Promise<void> {
    await this.page.getByRole('link', { name: new RegExp(`^${other.name}`, 'u') }).click();
    await this.composer().waitFor();
  }

  // "New group": who is in it comes first.
  async beginGroup(): Promise<void> {
    await this.page.getByRole('button', { name: 'New chat' }).filter({ visible: true }).first().click();
    await this.page.getByRole('link', { name: 'New group' }).click();
    await this.page.getByLabel('Name, phone number or e-mail').waitFor();
  }

  // Chooses whom the server knows by this number.
  async pick(number: string, name: string): Promise<void> {
    await this.page.getByLabel('Name, phone number or e-mail').fill(number);
    await this.page.getByRole('button', { name: `Find ${number}` }).click();
    await this.page.getByRole('button', { name: `Take out ${name}` }).waitFor();
  }

  // Chooses somebody who is known.
  async pickKnown(name: string): Promise<void> {
    await this.page.getByLabel('Name, phone number or e-mail').fill(name);
    await this.page.keyboard.press('Enter');
    await this.page.getByRole('button', { name: `Take out ${name}` }).waitFor();
  }

  async openGroup(name: string): Promise<void> {
    await this.page.getByRole('link', { name: new RegExp(`^${name}`, 'u') }).click();
    await this.composer().waitFor();
  }

  // What is known of the open group, beside its messages.
  async openPanel(): Promise<void> {
    await this.page.getByRole('button', { name: /, details$/u }).click();
    await this.page.getByRole('list', { name: 'Members' }).waitFor();
  }

  // Something from a member's menu in the open panel.
  async aboutMember(name: string, deed: string): Promise<void> {
    await this.page.getByRole('button', { name: `More about ${name}` }).click();
    await this.page.getByRole('menuitem', { name: deed }).click();
  }

  composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/u });
  }

  async send(text: string): Promise<void> {
    await this.composer().fill(text);
    await this.composer().press('Enter');
    await this.message(text).waitFor();
  }

  message(text: string): Locator {
    return this.page.locator('.message', { has: this.page.getByText(text, { exact: true }) });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).waitFor({ timeout: 60_000 });
  }

  // In a group: whose it is.
  async seesFrom(name: string, text: string): Promise<void> {
    await this.sees(text);
    const said = this.page.getByRole('article', { name, exact: true });
    await said.filter({ has: this.page.getByText(text, { exact: true }) }).waitFor();
  }

  // Lines of what happened in a group, in this order.
  async seesLines(...wanted: string[]): Promise<void> {
    await until(`${this.name} sees ${wanted.join(', ')}`, async () => {
      const lines = await this.page.locator('.messages .system').allTextContents();
      let at = -1;
      return wanted.every((line) => (at = lines.indexOf(line, at + 1)) >= 0);
    });
  }

  // Out of the open group: nothing can be written there.
  async seesClosed(): Promise<void> {
    await this.page.getByText('You are not in this group any more.', { exact: true }).waitFor();
    await this.composer().waitFor({ state: 'detached' });
  }

  // The rows that are drawn of the open chat: messages with whose they are, and lines.
  async rows(): Promise<string[]> {
    return this.page
      .locator('.messages :is(.message, .system, .day)')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [row.getAttribute('aria-label'), row.querySelector('.bubble-text')?.textContent ?? row.textContent]
            .filter(Boolean)
            .join(': '),
        ),
      );
  }

  async seesTick(text: string, ...ticks: Tick[]): Promise<void> {
    const mark = this.message(text).locator('[data-state]');
    await until(`${this.name}'s "${text}" is ${ticks.join(' or ')}`, async () =>
      ticks.includes((await mark.getAttribute('data-state')) as Tick),
    );
  }

  async openMessageInfo(text: string): Promise<void> {
    await this.message(text)
      .getByRole('button', { name: /^Message info/u })
      .click();
    await this.page.getByRole('dialog', { name: 'Message info' }).waitFor();
  }

  // All messages of the open chat, oldest first, read by scrolling to its beginning and back to its end.
  async readBack(): Promise<string[]> {
    const found = new Map<number, string>();
    const list = this.page.locator('.messages');
    await until('the beginning of the chat', async () => {
      for (const [seq, text] of await this.shown()) found.set(seq, text);
      const begun = await this.page.locator('.messages .encrypted').count();
      await list.evaluate((element) => (element.scrollTop = 0));
      return begun > 0;
    });
    for (const [seq, text] of await this.shown()) found.set(seq, text);
    await this.page.getByRole('button', { name: /^To the end/u }).click();
    return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
  }

  private async shown(): Promise<[number, string][]> {
    return this.page
      .locator('.message[data-seq]')
      .evaluateAll((rows) =>
        rows.map((row) => [
          Number(row.getAttribute('data-seq')),
          row.querySelector('.bubble-text')?.textContent ?? '',
        ]),
      );
  }

  private listen(page: Page): void {
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      // Chromium reports every refused connection; those are the point of unplugging a cable.
      if (
        /Failed to load resource: net::ERR_|WebSocket connection to .* failed|ERR_CONNECTION/u.test(
          message.text(),
        )
      )
        return;
      this.complaints.push(message.text());
    });
  }
}

async function launch(profile: string, camera?: string): Promise<BrowserContext> {
  const film =
    camera === undefined
      ? []
      : [
          '--use-fake-device-for-media-stream',
          '--use-fake-ui-for-media-stream',
          `--use-file-for-fake-video-capture=${camera}`,
        ];
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [...kArguments.split(' '), ...film],
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return context;
}
