import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { conversationOf } from '../../test-support/fake_core';
import { kBo, kJun, kMira, setUp } from '../../test-support/render_app';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function open() {
  const all = setUp();
  all.core.ready();
  act(() => {
    all.core.receives(kBo, 'one', 1000);
    all.core.receives(kJun, 'two', 2000);
    all.core.receives(kMira, 'three', 3000);
    all.core.start();
  });
  return all;
}

const list = () => screen.getByRole('search').parentElement ?? document.body;
const row = (name: RegExp) => within(list()).getByRole('link', { name });
const titles = () => [...list().querySelectorAll('.chat-row-name')].map((name) => name.textContent);
const pick = async (user: ReturnType<typeof open>['user'], chat: string, item: string) => {
  await user.click(screen.getByRole('button', { name: `Options for ${chat}` }));
  await user.click(screen.getByRole('menuitem', { name: item }));
};
const marks = (name: RegExp) =>
  [...row(name).querySelectorAll('.chat-row-state .spoken')].map((mark) => mark.textContent);

describe('a chat in the list', () => {
  it('is pinned before the others, the newest first among those that are, and unpinned', async () => {
    const { core, user } = open();
    expect(titles()).toEqual(['Mira', 'Jun Mori', 'Bo Lindqvist']);
    await pick(user, 'Bo Lindqvist', 'Pin');
    await waitFor(() => expect(titles()).toEqual(['Bo Lindqvist', 'Mira', 'Jun Mori']));
    expect(marks(/Bo/u)).toEqual(['pinned']);
    await pick(user, 'Jun Mori', 'Pin');
    await waitFor(() => expect(titles()).toEqual(['Jun Mori', 'Bo Lindqvist', 'Mira']));
    act(() => void core.receives(kMira, 'four', 4000));
    expect(titles()[2]).toBe('Mira');
    await pick(user, 'Bo Lindqvist', 'Unpin');
    await waitFor(() => expect(titles()).toEqual(['Jun Mori', 'Mira', 'Bo Lindqvist']));
  });

  it('goes to its place at once when it is pinned, also under a pointer that moves', async () => {
    const { store } = open();
    fireEvent.pointerMove(row(/Bo/u));
    await act(() => store.run({ type: 'pin_chat', conversation: conversationOf(kBo), is_pinned: true }));
    expect(titles()[0]).toBe('Bo Lindqvist');
  });

  it('is muted for a time that is asked for, and unmuted without a question', async () => {
    const { core, user } = open();
    await pick(user, 'Mira', 'Mute…');
    const dialog = within(screen.getByRole('dialog', { name: 'Mute “Mira”?' }));
    const before = Date.now();
    await user.click(dialog.getByRole('button', { name: 'For 8 hours' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const said = core.commands.findLast((command) => command.type === 'mute');
    expect(said?.type === 'mute' && (said.until_ms ?? 0) - before).toBeGreaterThanOrEqual(8 * 3_600_000);
    expect(marks(/Mira/u)).toEqual(['muted']);
    await pick(user, 'Mira', 'Unmute');
    await waitFor(() => expect(marks(/Mira/u)).toEqual([]));
  });
});

describe('the menu of a chat', () => {
  const menu = () => screen.queryByRole('menu', { name: 'Options for Mira' });

  it('opens where it is clicked with the right button, and leaves the focus where it was', async () => {
    const { user } = open();
    vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(1024);
    row(/Mira/u).focus();
    expect(fireEvent.contextMenu(row(/Mira/u), { clientX: 120, clientY: 80 })).toBe(false);
    expect(menu()?.style.left).toBe('120px');
    expect(menu()?.style.top).toBe('80px');
    await user.keyboard('{Escape}');
    expect(menu()).toBeNull();
    expect(document.activeElement).toBe(row(/Mira/u));
  });

  it('opens under its row for the keyboard, which says no place', () => {
    open();
    row(/Mira/u).getBoundingClientRect = () => new DOMRect(10, 100, 300, 72);
    fireEvent.contextMenu(row(/Mira/u), { clientX: 0, clientY: 0 });
    expect(menu()?.style.top).toBe('172px');
  });

  it('opens under a finger that rests, which opens no chat when it is lifted', () => {
    open();
    vi.useFakeTimers();
    const finger = { pointerType: 'touch', clientX: 50, clientY: 60 };
    fireEvent.pointerDown(row(/Mira/u), finger);
    act(() => void vi.advanceTimersByTime(600));
    expect(menu()).not.toBeNull();
    fireEvent.pointerUp(row(/Mira/u), finger);
    expect(fireEvent.touchEnd(row(/Mira/u))).toBe(false);
    fireEvent.click(row(/Mira/u));
    expect(window.location.hash).toBe('');
    fireEvent.pointerDown(row(/Mira/u), finger);
    fireEvent.pointerUp(row(/Mira/u), finger);
    fireEvent.click(row(/Mira/u));
    expect(window.location.hash).toBe(`#/chat/${kMira}`);
  });

  it('stays closed under a finger that scrolls', () => {
    open();
    vi.useFakeTimers();
    fireEvent.pointerDown(row(/Mira/u), { pointerType: 'touch', clientX: 50, clientY: 60 });
    fireEvent.pointerMove(row(/Mira/u), { pointerType: 'touch', clientX: 50, clientY: 90 });
    act(() => void vi.advanceTimersByTime(600));
    expect(menu()).toBeNull();
  });
});

describe('an archived chat', () => {
  it('leaves the list for another one, whose way is above it, and comes back', async () => {
    const { user } = open();
    expect(screen.queryByRole('link', { name: /^Archived/u })).toBeNull();
    await pick(user, 'Mira', 'Archive');
    await waitFor(() => expect(titles()).toEqual(['Jun Mori', 'Bo Lindqvist']));
    expect(document.activeElement).toBe(row(/Jun/u));
    expect(row(/^Archived/u).textContent).toBe('Archived11 chat');
    await user.click(row(/^Archived/u));
    expect(await screen.findByRole('heading', { name: 'Archived' })).toBeDefined();
    expect(titles()).toEqual(['Mira']);
    await user.click(screen.getByRole('button', { name: 'Options for Mira' }));
    expect(screen.queryByRole('menuitem', { name: 'Pin' })).toBeNull();
    await user.click(screen.getByRole('menuitem', { name: 'Unarchive' }));
    expect(await screen.findByText(/^Nothing is archived/u)).toBeDefined();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(titles()).toEqual(['Mira', 'Jun Mori', 'Bo Lindqvist']));
  });

  it('is opened beside its own list, and left to there', async () => {
    const { store, user } = open();
    await act(() => store.run({ type: 'put_away', conversation: conversationOf(kMira), is_put_away: true }));
    await user.click(row(/^Archived/u));
    await user.click(row(/Mira/u));
    expect(await screen.findByLabelText('Message to Mira')).toBeDefined();
    expect(titles()).toEqual(['Mira']);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(window.location.hash).toBe('#/archived'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(titles()).toEqual(['Jun Mori', 'Bo Lindqvist']));
  });

  it('is found with the others, and told from them', async () => {
    const { store, user } = open();
    await act(() => store.run({ type: 'put_away', conversation: conversationOf(kMira), is_put_away: true }));
    await user.type(screen.getByLabelText('Find a chat'), 'mira');
    expect(titles()).toEqual(['Mira']);
    expect(marks(/Mira/u)).toEqual(['archived']);
    await user.keyboard('{Enter}');
    expect(await screen.findByLabelText('Message to Mira')).toBeDefined();
    expect(titles()).toEqual(['Jun Mori', 'Bo Lindqvist']);
  });
});
