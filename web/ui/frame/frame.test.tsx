import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kBo, kMira, press, setUp } from '../../test-support/render_app';

function open() {
  const all = setUp();
  all.core.ready();
  act(() => {
    all.core.receives(kBo, 'one', 1000);
    all.core.receives(kMira, 'two', 2000);
    all.core.start();
  });
  return all;
}

const row = (name: RegExp) => screen.findByRole('link', { name });
// In the rail and, on a narrow screen, above the list.
const you = () => screen.getAllByRole('button', { name: 'You' })[0] ?? document.body;
const chatOfBo = `#/chat/${kBo}`;

function arriveAt(fragment: string) {
  return waitFor(() => expect(window.location.hash.replace(/^#\/$/u, '')).toBe(fragment));
}

describe('the way back', () => {
  // So that it is known again.
  const first = { first: true };

  it('goes along the browser’s, so that the browser’s does not lead into the chat again', async () => {
    window.history.replaceState(first, '');
    const { user } = open();
    await user.click(await row(/Bo/u));
    await user.click(await press('Bo Lindqvist, details'));
    await arriveAt(`${chatOfBo}/info`);
    await user.click(await press('Back to the chat'));
    await arriveAt(chatOfBo);
    await user.click(await press('Back'));
    await arriveAt('');
    expect(window.history.state).toEqual(first);
  });

  it('leads over all chats that were opened from one another to the list', async () => {
    window.history.replaceState(first, '');
    const { user } = open();
    await user.click(await row(/Bo/u));
    await user.click(await row(/Mira/u));
    await user.keyboard('{Escape}');
    await arriveAt('');
    expect(window.history.state).toEqual(first);
  });

  it('does not lead out of Kith when it is asked for twice at once', async () => {
    window.history.replaceState(first, '');
    const { user } = open();
    await user.click(await row(/Bo/u));
    const go = vi.spyOn(window.history, 'go');
    fireEvent.keyDown(document.body, { key: 'Escape' });
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(go).toHaveBeenCalledTimes(1);
    await arriveAt('');
  });

  it('puts the list in the place of a chat that was opened by its address', async () => {
    window.history.replaceState(null, '', chatOfBo);
    const entries = window.history.length;
    open();
    fireEvent.click(await press('Back'));
    await arriveAt('');
    expect(window.history.length).toBe(entries);
  });
});

describe('the focus', () => {
  const focused = () => document.activeElement;

  it('begins at the list’s heading after the first run', async () => {
    const { core, user } = setUp();
    core.account = { stage: 'name' };
    act(() => core.start());
    core.ready();
    act(() => core.start());
    await user.click(await press('Later'));
    expect(focused()).toBe(screen.getByRole('heading', { name: 'Chats' }));
  });

  it('returns from a chat to its row, and from the details to their button', async () => {
    const { user } = open();
    await user.click(await row(/Bo/u));
    await user.click(await press('Bo Lindqvist, details'));
    await user.click(await press('Close'));
    await arriveAt(chatOfBo);
    await waitFor(async () => expect(focused()).toBe(await press('Bo Lindqvist, details')));
    await user.keyboard('{Escape}');
    await arriveAt('');
    await waitFor(async () => expect(focused()).toBe(await row(/Bo/u)));
  });

  it('moves to the heading of the details where they cover the chat', async () => {
    const { user } = open();
    await user.click(await row(/Bo/u));
    const all = vi.spyOn(Element.prototype, 'getClientRects').mockImplementation(function (this: Element) {
      return (this.closest('.conversation') === null ? [new DOMRect()] : []) as unknown as DOMRectList;
    });
    await user.click(await press('Bo Lindqvist, details'));
    await waitFor(() => expect(focused()).toBe(screen.getByRole('heading', { name: 'About' })));
    all.mockRestore();
  });

  it('moves to the list’s heading when a pane in its place goes', async () => {
    const { user } = open();
    await user.click(you());
    await user.click(screen.getByLabelText('Name'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(focused()).toBe(screen.getByRole('heading', { name: 'Chats' })));
  });
});

describe('one’s own name', () => {
  async function rename() {
    const all = open();
    await all.user.click(you());
    const field = screen.getByLabelText<HTMLInputElement>('Name');
    await all.user.clear(field);
    await all.user.type(field, 'Ada King');
    return { ...all, field };
  }

  it('is confirmed where it was saved', async () => {
    const { user, field } = await rename();
    const save = await press('Save');
    await user.click(save);
    expect((await screen.findByText('Saved')).getAttribute('role')).toBe('status');
    expect(document.activeElement).toBe(save);
    expect(field.value).toBe('Ada King');
    await user.type(field, '!');
    expect(screen.queryByText('Saved')).toBeNull();
  });

  it('is not saved twice', async () => {
    const { core, user, field } = await rename();
    await user.type(field, '{Enter}');
    await screen.findByText('Saved');
    await user.type(field, '{Enter}');
    await user.click(await press('Save'));
    expect(core.commands.filter((command) => command.type === 'set_name')).toHaveLength(1);
  });
});

describe('the connection line', () => {
  afterEach(() => vi.useRealTimers());

  const said = () => screen.queryAllByText('Waiting for network').length > 0;

  it('shows after two seconds, and in every pane that comes after that at once', () => {
    vi.useFakeTimers();
    const { core } = open();
    act(() => core.show({ type: 'connection', state: 'offline' }));
    act(() => void vi.advanceTimersByTime(1900));
    expect(said()).toBe(false);
    act(() => void vi.advanceTimersByTime(200));
    expect(said()).toBe(true);
    act(() => void fireEvent.keyDown(document.body, { key: 'n' }));
    expect(screen.getByRole('heading', { name: 'New chat' })).toBeDefined();
    expect(said()).toBe(true);
    act(() => core.show({ type: 'connection', state: 'online' }));
    expect(said()).toBe(false);
  });

  it('takes the tries to connect for one absence', () => {
    vi.useFakeTimers();
    const { core } = open();
    act(() => core.show({ type: 'connection', state: 'offline' }));
    act(() => void vi.advanceTimersByTime(1500));
    act(() => core.show({ type: 'connection', state: 'connecting' }));
    act(() => void vi.advanceTimersByTime(1000));
    act(() => core.show({ type: 'connection', state: 'offline' }));
    expect(said()).toBe(true);
  });
});

describe('the list of keys', () => {
  it('closes at a click beside it, and not at one on it', async () => {
    const { user } = open();
    await user.click(await press('Keyboard shortcuts'));
    const title = screen.getByRole('heading', { name: 'Keyboard' });
    await user.click(title);
    await user.click(screen.getByText('Previous chat'));
    expect(screen.getByRole('dialog')).toBeDefined();
    await user.click(screen.getByRole('dialog'));
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
