import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openGroup } from '../../test-support/render_group';
import { kBo, kJun, kMira, setUp } from '../../test-support/render_app';
import { mutedWords } from './mute';

class FakeNotification {
  static permission: NotificationPermission = 'granted';
  static shown: FakeNotification[] = [];
  static requestPermission = vi.fn(() => {
    FakeNotification.permission = 'granted';
    return Promise.resolve(FakeNotification.permission);
  });
  onclick: (() => void) | null = null;
  close = vi.fn();

  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    FakeNotification.shown.push(this);
  }
}

let visible: DocumentVisibilityState = 'visible';

beforeEach(() => {
  visible = 'visible';
  FakeNotification.permission = 'granted';
  FakeNotification.shown = [];
  vi.stubGlobal('Notification', FakeNotification);
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visible);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('a notification of who asks to join', () => {
  const shown = () => FakeNotification.shown.map(({ title, options }) => [title, options.body]);

  it('names each once, and leads to where they are answered', async () => {
    const { core, conversation } = await openGroup('admin');
    await act(async () => {
      core.groups.asks(conversation, kMira);
      await Promise.resolve();
    });
    visible = 'hidden';
    await act(async () => {
      core.show({ type: 'contact', contact: { user: kJun, name: 'Jun Mori' } });
      core.groups.asks(conversation, kJun);
      await Promise.resolve();
    });
    await waitFor(() => expect(shown()).toEqual([['Boat', 'Jun Mori asks to join']]));
    act(() => FakeNotification.shown[0]?.onclick?.());
    await waitFor(() => expect(window.location.hash).toBe(`#/group/${conversation}/info`));
  });

  it('is not shown of a chat of which its reader wants to hear nothing', async () => {
    const { core, store, conversation, asked } = await openGroup('admin');
    await act(() => store.run({ type: 'set_notifications', conversation, level: 'none' }));
    visible = 'hidden';
    const before = asked('group_info').length;
    act(() => core.groups.asks(conversation, kJun));
    await waitFor(() => expect(asked('group_info').length).toBeGreaterThan(before + 1));
    expect(shown()).toEqual([]);
  });

  it('tells the user what became of asking', () => {
    const { core } = setUp();
    act(() => core.ready().start());
    const request = { conversation: 'e'.repeat(64), name: 'Choir', asked_ms: 1 };
    act(() => core.invites.requests(request));
    visible = 'hidden';
    act(() => core.invites.requests({ ...request, refusal: 'declined' }));
    act(() => core.invites.requests({ ...request, refusal: 'declined' }));
    expect(shown()).toEqual([['Choir', 'You were not let in']]);
  });
});

describe('a notification', () => {
  it('is shown while nobody looks, of what the core wants told, and leads to its chat', async () => {
    const { core } = setUp();
    core.ready();
    act(() => {
      core.receives(kBo, 'before');
      core.start();
    });
    act(() => void core.receives(kBo, 'seen'));
    visible = 'hidden';
    act(() => {
      core.receives(kBo, 'hello');
      core.sends(kBo, 'mine', 'sent');
    });
    expect(FakeNotification.shown.map(({ title, options }) => [title, options.body])).toEqual([
      ['Bo Lindqvist', 'hello'],
    ]);
    act(() => FakeNotification.shown[0]?.onclick?.());
    expect(await screen.findByLabelText('Message to Bo Lindqvist')).toBeDefined();
  });

  it('is not shown where the core says no, or the browser may not', async () => {
    const { core, conversation } = await openGroup('member');
    visible = 'hidden';
    act(() => void core.receivesIn(conversation, kBo, 'one'));
    expect(FakeNotification.shown.map(({ options }) => options.body)).toEqual(['Bo Lindqvist: one']);
    FakeNotification.permission = 'default';
    act(() => void core.receivesIn(conversation, kBo, 'two'));
    FakeNotification.permission = 'granted';
    act(() => core.post({ kind: 'command', command: { type: 'mute', id: 9, conversation, until_ms: null } }));
    await waitFor(() => expect(core.chat(conversation).muted).toBe(true));
    act(() => void core.receivesIn(conversation, kBo, 'three'));
    expect(FakeNotification.shown).toHaveLength(1);
  });
});

describe('the notifications of a chat', () => {
  it('are chosen beside it, and shown in the list', async () => {
    const { user, panel, asked, conversation, core } = await openGroup('member');
    await user.selectOptions(panel.getByLabelText('Tell me of'), 'Only mentions');
    await waitFor(() => expect(core.chat(conversation).notifications).toBe('mentions'));
    const before = Date.now();
    await user.selectOptions(panel.getByLabelText('Mute'), 'For 8 hours');
    const [mute] = asked('mute');
    expect(mute).toMatchObject({ conversation });
    expect((mute as { until_ms: number }).until_ms - before).toBeGreaterThanOrEqual(8 * 3_600_000);
    await panel.findByRole('option', { name: /^Muted until/u });
    const row = () => within(screen.getByRole('link', { name: /^Boat/u }));
    expect(row().getByText('muted')).toBeDefined();
    act(() => void core.receivesIn(conversation, kBo, '@Ada', undefined, { mentions_me: true }));
    expect(row().getByText('mentions you')).toBeDefined();
    expect(row().getByText('1').closest('.unread')?.getAttribute('data-muted')).toBe('true');
    await user.selectOptions(panel.getByLabelText('Mute'), 'Off');
    await waitFor(() => expect(row().queryByText('muted')).toBeNull());
    expect(asked('mute').at(-1)).toMatchObject({ until_ms: 0 });
    await user.selectOptions(panel.getByLabelText('Mute'), 'Always');
    expect(asked('mute').at(-1)).toMatchObject({ until_ms: null });
  });

  it('ask the browser only when the user wants it', async () => {
    FakeNotification.permission = 'default';
    const { user, panel } = await openGroup('member');
    expect(FakeNotification.requestPermission).not.toHaveBeenCalled();
    await user.click(panel.getByRole('button', { name: 'Allow notifications in this browser' }));
    await waitFor(() => expect(panel.queryByRole('button', { name: /^Allow/u })).toBeNull());
    expect(FakeNotification.requestPermission).toHaveBeenCalledOnce();
  });

  it('say until when', () => {
    const now = new Date(2026, 10, 26, 12).getTime();
    expect(mutedWords({}, now)).toBe('Muted');
    expect(mutedWords({ muted_until: now + 3_600_000 }, now)).toMatch(/^Muted until 1?:?.*00/u);
    expect(mutedWords({ muted_until: now + 48 * 3_600_000 }, now)).toMatch(/28/u);
  });
});
