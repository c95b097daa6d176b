import { act, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kMe } from '../../test-support/fake_core';
import { kBo, kMira, setUp } from '../../test-support/render_app';

afterEach(() => vi.restoreAllMocks());

// A group of the user, Bo and Mira, in which so much was said before it is opened.
async function open(said = 0) {
  const all = setUp();
  const { core, user } = all;
  core.ready();
  const conversation = core.groups.found({ name: 'Boat', by: kBo, members: [kMe, kBo, kMira] });
  for (let index = 1; index <= said; index++) core.receivesIn(conversation, kBo, `old ${index}`);
  core.readUpToIn(conversation, said + 2);
  act(() => core.start());
  await user.click(screen.getByRole('link', { name: /^Boat/u }));
  await screen.findByLabelText('Message to Boat');
  return { ...all, conversation };
}

const log = () => within(screen.getByRole('log'));
const row = (text: string) => log().getByText(text).closest<HTMLElement>('.message') ?? document.body;

async function openMenu({ user }: Pick<Awaited<ReturnType<typeof open>>, 'user'>, text: string) {
  await user.click(within(row(text)).getByRole('button', { name: 'More about this message' }));
  return screen.getAllByRole('menuitem').map((item) => item.textContent);
}

describe('a message’s menu', () => {
  it('offers who has an own one, and copies its text', async () => {
    const all = await open();
    const { core, user, conversation } = all;
    let order = 0;
    act(() => void (order = core.sendsIn(conversation, 'see you', 'sent').order));
    core.receiptsOf.set(order, { read: [kMira], delivered: [], waiting: [kBo] });
    expect(await openMenu(all, 'see you')).toEqual(['Reply', 'Copy text', 'Message info']);
    await user.click(screen.getByRole('menuitem', { name: 'Copy text' }));
    expect(await navigator.clipboard.readText()).toBe('see you');
    expect(await screen.findByText('Copied')).toBeDefined();
    await openMenu(all, 'see you');
    await user.click(screen.getByRole('menuitem', { name: 'Message info' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Message info' }));
    expect((await dialog.findByRole('list', { name: /^Read by/u })).textContent).toBe('Mira');
  });

  it('offers nothing of one that is not sent yet but its text, and tells nobody of somebody else’s', async () => {
    const all = await open();
    act(() => {
      all.core.sendsIn(all.conversation, 'not yet', 'pending');
      all.core.receivesIn(all.conversation, kBo, 'ahoy');
    });
    expect(await openMenu(all, 'not yet')).toEqual(['Copy text']);
    await all.user.keyboard('{Escape}');
    expect(await openMenu(all, 'ahoy')).toEqual(['Reply', 'Copy text']);
  });

  it('says so where the browser does not copy', async () => {
    const all = await open();
    act(() => void all.core.receivesIn(all.conversation, kBo, 'ahoy'));
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
    await openMenu(all, 'ahoy');
    await all.user.click(screen.getByRole('menuitem', { name: 'Copy text' }));
    expect(await screen.findByText('This browser did not let us copy it.')).toBeDefined();
  });
});

describe('the quote of a message that is not loaded', () => {
  it('leads to it: what is between is loaded, and it has the focus', async () => {
    const { core, user, conversation } = await open(700);
    const original = core.messageAt(conversation, 30);
    const text = original.text ?? '';
    act(() => {
      const reply = { message: original.id, sender: kBo, text, known: true };
      core.receivesIn(conversation, kMira, 'that one', undefined, { reply });
    });
    await user.click(within(row('that one')).getByTitle('To this message'));
    await vi.waitFor(() => expect(document.activeElement?.getAttribute('data-row')).toBe(original.id));
    expect(log().queryByText('that one')).toBeNull();
  });

  it('that is not here any more is said to be gone, and nothing moves', async () => {
    const { core, user, conversation } = await open(400);
    act(() => {
      const reply = { message: 'f'.repeat(32), sender: kBo, text: 'Shall we?', known: true };
      core.receivesIn(conversation, kMira, 'yes', undefined, { reply });
    });
    await user.click(within(row('yes')).getByTitle('To this message'));
    expect(await screen.findByText('This message is not here any more.')).toBeDefined();
    expect(row('yes')).toBeDefined();
    expect(log().queryByText('old 1')).toBeNull();
  });
});

describe('the messages by keyboard', () => {
  const focused = () => document.activeElement?.querySelector('.bubble-text')?.textContent;

  it('are one stop of the Tab key, and are walked through by the arrows, Home and End', async () => {
    const { user } = await open(20);
    await user.tab({ shift: true });
    await user.tab({ shift: true });
    expect(focused()).toBe('old 20');
    await user.keyboard('{ArrowUp}{ArrowUp}');
    expect(focused()).toBe('old 18');
    await user.keyboard('{ArrowDown}');
    expect(focused()).toBe('old 19');
    await user.keyboard('{Home}{ArrowUp}');
    expect(focused()).toBe('old 1');
    await user.keyboard('{End}{ArrowDown}');
    expect(focused()).toBe('old 20');
    const stops = screen.getByRole('log').querySelectorAll('[tabindex="0"]');
    expect([...stops].map((stop) => stop.className)).toEqual(['message', 'icon-button']);
  });

  it('have their menu behind Enter and the menu key', async () => {
    const { user } = await open(3);
    act(() => row('old 2').focus());
    await user.keyboard('{Enter}');
    expect(screen.getByRole('menuitem', { name: 'Reply' })).toBe(document.activeElement);
    await user.keyboard('{Escape}');
    act(() => row('old 1').focus());
    await user.keyboard('{ContextMenu}{Enter}');
    expect(screen.getByRole('group', { name: 'Reply' }).textContent).toContain('old 1');
  });
});
