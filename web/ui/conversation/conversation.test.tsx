import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kBo, press, setUp } from '../../test-support/render_app';

async function open() {
  const all = setUp();
  all.core.ready();
  act(() => {
    all.core.receives(kBo, 'hello there');
    all.core.start();
  });
  await all.user.click(screen.getByRole('link', { name: /Bo Lindqvist/u }));
  const composer = await screen.findByLabelText<HTMLTextAreaElement>('Message to Bo Lindqvist');
  const sent = () => all.core.commands.filter((command) => command.type === 'send');
  return { ...all, composer, sent };
}

describe('the composer', () => {
  it.each([
    ['larger than any command', 'x'.repeat(300 * 1024)],
    ['too long by a byte', `${'x'.repeat(16 * 1024 - 2)}…`],
    ['too long in bytes only', '…'.repeat(6000)],
  ])('keeps a text that is %s, and says why', async (_what, text) => {
    const { user, composer, sent } = await open();
    fireEvent.change(composer, { target: { value: text } });
    await user.type(composer, '{Enter}');
    expect(screen.getByRole('alert').textContent).toBe('This message is too long. Send it in parts.');
    expect(composer.value).toBe(text);
    expect(composer.getAttribute('aria-invalid')).toBe('true');
    expect(sent()).toEqual([]);
    fireEvent.change(composer, { target: { value: 'short' } });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('sends the longest text there may be', async () => {
    const { user, composer, sent } = await open();
    fireEvent.change(composer, { target: { value: 'x'.repeat(16 * 1024) } });
    await user.type(composer, '{Enter}');
    expect(sent()).toHaveLength(1);
    expect(composer.value).toBe('');
  });

  it('gives back a text that was refused after the next one was begun', async () => {
    const { core, user, composer } = await open();
    core.failures.set('send', { error: 'no_device', message: 'x' });
    await user.type(composer, 'one');
    fireEvent.keyDown(composer, { key: 'Enter' });
    fireEvent.change(composer, { target: { value: 'two' } });
    await screen.findByRole('alert');
    expect(composer.value).toBe('one\ntwo');
  });

  it('takes its height from its text without measuring', async () => {
    const { user, composer } = await open();
    await user.type(composer, 'one{Shift>}{Enter}{/Shift}two');
    expect(composer.parentElement?.dataset['text']).toBe('one\ntwo');
    expect(composer.style.height).toBe('');
  });
});

describe('the separator of what is unread', () => {
  const log = () => within(screen.getByRole('log'));

  it('stays while its chat is read, and goes with the answer', async () => {
    const { user, composer } = await open();
    expect(await log().findByText('Unread')).toBeDefined();
    await user.type(composer, 'hi Bo{Enter}');
    await log().findByText('hi Bo');
    expect(log().queryByText('Unread')).toBeNull();
  });

  it('is gone when the chat is left and opened again with nothing unread', async () => {
    const { core, user } = await open();
    expect(await log().findByText('Unread')).toBeDefined();
    act(() => core.readUpTo(kBo, 1));
    await user.keyboard('{Escape}');
    await user.click(await screen.findByRole('link', { name: /Bo Lindqvist/u }));
    expect(await log().findByText('hello there')).toBeDefined();
    expect(log().queryByText('Unread')).toBeNull();
  });
});

describe('what could not be restored', () => {
  const kMay = new Date(2026, 4, 4, 12).getTime();
  const lost = { kind: 'messages_lost', count: 3, from_ms: kMay, to_ms: kMay + 1000 } as const;

  it('is said in a line of its own, without a bubble, and goes when it arrives after all', async () => {
    const { core } = await open();
    const log = within(screen.getByRole('log'));
    const line = await act(() => Promise.resolve(core.loses(kBo, lost)));
    const said = await log.findByText(
      /^3 messages from 4 May( \d+)? could not be restored on this device\.$/u,
    );
    expect(said.className).toBe('system');
    expect(said.closest('.message, .bubble')).toBeNull();
    expect(log.getAllByRole('article')).toHaveLength(1);
    act(() =>
      core.show({
        type: 'message',
        message: { ...line, notice: { ...lost, count: 1 } },
        is_new: false,
        alert: false,
      }),
    );
    expect(await log.findByText(/^1 message from 4 May/u)).toBeDefined();
    act(() => core.finds(line));
    expect(log.queryByText(/could not be restored/u)).toBeNull();
  });

  it('makes nothing unread and moves no chat', async () => {
    const { core, store } = await open();
    const before = store.getState().chats;
    act(() => void core.loses(kBo, { kind: 'messages_lost' }));
    expect(await screen.findByText('Some messages may be missing here.')).toBeDefined();
    expect(store.getState().chats).toBe(before);
  });
});

describe('a chat', () => {
  it('has a heading, and a button that says what it opens', async () => {
    await open();
    expect(screen.getByRole('heading', { name: 'Bo Lindqvist' })).toBeDefined();
    expect(await press('Bo Lindqvist, details')).toBeDefined();
  });
});
