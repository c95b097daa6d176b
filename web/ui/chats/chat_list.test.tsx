import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kMe } from '../../test-support/fake_core';
import { emptyChat } from '../../test-support/fake_log';
import { kBo, kMira, setUp } from '../../test-support/render_app';

function open() {
  const all = setUp();
  all.core.ready();
  act(() => {
    all.core.receives(kMira, 'hello there');
    all.core.sends(kBo, 'Written offline', 'read');
    all.core.start();
  });
  return { ...all, field: screen.getByLabelText<HTMLInputElement>('Find a chat') };
}

describe('two people of one name', () => {
  it('are told apart in the list, among people, members and those who ask', async () => {
    const { core, user } = setUp();
    core.ready();
    const twin = 'e5'.repeat(16);
    core.knows({ user: twin, name: 'mira' });
    const conversation = core.groups.found({ name: 'Boat', members: [kMira, twin] });
    act(() => {
      core.receives(kMira, 'one');
      core.receives(twin, 'two');
      core.receives(kBo, 'three');
      core.start();
    });
    const row = (name: RegExp) => screen.getByRole('link', { name }).querySelector('.chat-row-name');
    expect(row(/two/u)?.textContent).toBe('mira #e5e5');
    expect(row(/one/u)?.textContent).toBe('Mira +447700900123');
    expect(row(/three/u)?.textContent).toBe('Bo Lindqvist');
    act(() => {
      window.location.hash = `#/group/${conversation}/info`;
    });
    const list = await screen.findByRole('list', { name: 'Members' });
    expect([...list.querySelectorAll('.member-name')].map((name) => name.textContent)).toEqual([
      'You',
      'mira #e5e5',
      'Mira +447700900123',
    ]);
    await user.type(await screen.findByLabelText('Message to Boat'), '@mi');
    const options = within(screen.getByRole('listbox', { name: 'Mention' })).getAllByRole('option');
    expect(options.map((option) => option.textContent)).toEqual(['mira #e5e5', 'Mira +447700900123']);
  });
});

describe('the list of chats', () => {
  it('is read aloud with who wrote what, and what became of it', () => {
    open();
    const heard = (name: RegExp) => screen.getByRole('link', { name }).textContent;
    expect(heard(/Bo Lindqvist/u)).toMatch(/You: Written offline, read$/u);
    expect(heard(/Mira/u)).toMatch(/hello there1 unread$/u);
    expect(screen.queryByRole('img', { name: 'Read' })).toBeNull();
  });

  it('finds a chat by its person’s number and is whole again after Enter has opened it', async () => {
    const { user, field } = open();
    await user.type(field, '070 174 06 05');
    expect(screen.getAllByRole('link')).toHaveLength(1);
    await user.keyboard('{Enter}');
    expect(await screen.findByLabelText('Message to Bo Lindqvist')).toBeDefined();
    expect(field.value).toBe('');
    expect(screen.getAllByRole('link')).toHaveLength(2);
  });

  it('keeps what is typed when Enter finds nobody', async () => {
    const { user, field } = open();
    await user.type(field, 'nobody{Enter}');
    expect(field.value).toBe('nobody');
  });
});

describe('a group in the list', () => {
  function withGroup() {
    const all = open();
    let conversation = '';
    act(() => {
      conversation = all.core.groups.found({ name: 'Boat', members: [kBo, kMira] });
    });
    return { ...all, conversation, last: () => screen.getByRole('link', { name: /^Boat/u }).textContent };
  }

  it('says who wrote last by their first name', () => {
    const { core, conversation, last } = withGroup();
    act(() => void core.receivesIn(conversation, kBo, 'ahoy'));
    expect(last()).toMatch(/Bo: ahoy1 unread$/u);
    act(() => void core.sendsIn(conversation, 'ahoy yourself', 'sent'));
    expect(last()).toContain('You: ahoy yourself');
  });

  it('says what happened last, and is not unread for it', () => {
    const { core, conversation, last } = withGroup();
    expect(last()).toMatch(/You added Bo Lindqvist and Mira$/u);
    act(() => core.groups.change(conversation, kBo, [{ what: 'removed', users: [kMe] }]));
    expect(last()).toMatch(/Bo Lindqvist removed you$/u);
  });

  it('says that one was added, or that it is not there yet, where nothing has been said', () => {
    const { core, conversation, last } = withGroup();
    const empty = emptyChat({ conversation, kind: 'group', title: 'Boat', last_ms: 1000 });
    act(() => core.show({ type: 'chat', chat: { ...empty, role: 'member' } }));
    expect(last()).toMatch(/You were added$/u);
    act(() => core.show({ type: 'chat', chat: { ...empty, membership: 'joining', role: 'owner' } }));
    expect(last()).toMatch(/Setting up…$/u);
  });

  it('is told from a person by its shape', () => {
    withGroup();
    const shape = (name: RegExp) => screen.getByRole('link', { name }).querySelector('.avatar')?.className;
    expect(shape(/^Boat/u)).toContain('avatar-group');
    expect(shape(/^Mira/u)).not.toContain('avatar-group');
  });
});
