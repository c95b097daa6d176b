import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { GroupChange } from '../../../schema/core';
import { kMe } from '../../test-support/fake_core';
import { kBo, kJun, kMira, press, setUp } from '../../test-support/render_app';
import { hueOf } from '../person';

async function open(members = [kBo, kMira], name = 'Boat') {
  const all = setUp();
  all.core.ready();
  const { core } = all;
  act(() => core.start());
  let conversation = '';
  act(() => {
    conversation = core.groups.found({ name, members, by: kBo });
    core.groups.change(conversation, kBo, [{ what: 'added', users: [kMe] }]);
  });
  await all.user.click(screen.getByRole('link', { name: new RegExp(name, 'u') }));
  await screen.findByRole('log');
  const change = (by: string, ...changes: GroupChange[]) =>
    act(() => core.groups.change(conversation, by, changes));
  const says = (who: string, text: string, at?: number) =>
    act(() => void core.receivesIn(conversation, who, text, at));
  return { ...all, conversation, change, says };
}

const log = () => within(screen.getByRole('log'));
const names = () => [...document.querySelectorAll('.bubble-name')].map((name) => name.textContent);
const lines = () => [...document.querySelectorAll('.system')].map((line) => line.textContent);

describe('messages in a group', () => {
  it('have their sender’s name in their hue, once over those that belong together', async () => {
    const { says, core, conversation } = await open();
    says(kBo, 'one');
    says(kBo, 'two');
    says(kMira, 'three');
    act(() => void core.sendsIn(conversation, 'four', 'sent'));
    says(kMira, 'five');
    await log().findByText('five');
    expect(names()).toEqual(['Bo Lindqvist', 'Mira', 'Mira']);
    const hue = log().getByText('three').closest('.bubble')?.querySelector('.bubble-name')?.className;
    expect(hue).toContain(`name-${hueOf(kMira)}`);
  });

  it('say whose they are to a screen reader too', async () => {
    const { says } = await open();
    says(kMira, 'hello');
    await log().findByText('hello');
    expect(log().getByRole('article', { name: 'Mira' })).toBeDefined();
  });

  it('are nameless in a chat with one person', async () => {
    const { core, user } = await open();
    act(() => void core.receives(kMira, 'just us'));
    await user.click(screen.getByRole('link', { name: /^Mira/u }));
    await log().findByText('just us');
    expect(names()).toEqual([]);
  });

  it('go to the group', async () => {
    const { core, user, conversation } = await open();
    await user.type(screen.getByLabelText('Message to Boat'), 'ahoy{Enter}');
    expect(await log().findByText('ahoy')).toBeDefined();
    const sent = core.commands.filter((command) => command.type === 'send');
    expect(sent).toMatchObject([{ conversation, text: 'ahoy' }]);
    expect(sent[0]).not.toHaveProperty('user');
  });

  it('are read by its members only, which is said at their beginning', async () => {
    await open();
    expect(await log().findByText(/end-to-end encrypted. Only the members of this group/u)).toBeDefined();
  });
});

describe('what happens in a group', () => {
  it('is said in lines without a bubble, one for each change, that are never unread', async () => {
    const { change } = await open();
    change(kBo, { what: 'name', name: 'Ship' }, { what: 'role', user: kMira, role: 'admin' });
    await log().findByText('Bo Lindqvist named the group “Ship”');
    expect(lines().slice(-2)).toEqual([
      'Bo Lindqvist named the group “Ship”',
      'Bo Lindqvist made Mira an admin',
    ]);
    expect(document.querySelector('.bubble')).toBeNull();
    expect(screen.queryByText('Unread')).toBeNull();
    expect(document.title).toBe('Kith');
  });

  it('shows in the header', async () => {
    const { change } = await open();
    expect(await screen.findByText('Bo, Mira, You')).toBeDefined();
    change(kBo, { what: 'name', name: 'Ship' }, { what: 'added', users: [kJun] });
    expect(await screen.findByText('Bo, Jun, Mira, You')).toBeDefined();
    expect(screen.getByRole('heading', { name: 'Ship' })).toBeDefined();
  });

  it('is counted in the header where the names are too many', async () => {
    const { core, change } = await open();
    const users = [1, 2, 3, 4].map((digit) => `${digit}`.repeat(32));
    users.forEach((user) => core.knows({ user, name: `N ${user}` }));
    change(kBo, { what: 'added', users });
    expect(await screen.findByText('7 members')).toBeDefined();
  });
});

describe('a group that the user may not write to', () => {
  it('says that only admins can, until everybody can again', async () => {
    const { change } = await open();
    change(kBo, { what: 'may_send', who: 'admins' });
    expect(screen.queryByRole('textbox', { name: /^Message/u })).toBeNull();
    expect(screen.getByText('Only admins can send messages here.')).toBeDefined();
    change(kBo, { what: 'may_send', who: 'everyone' });
    expect(screen.getByRole('textbox', { name: 'Message to Boat' })).toBeDefined();
  });

  it('says that they are not in it any more, and shows what was said', async () => {
    const { change, says } = await open();
    says(kBo, 'hello');
    change(kBo, { what: 'removed', users: [kMe] });
    expect(screen.getByText('You are not in this group any more.')).toBeDefined();
    expect(screen.queryByRole('textbox', { name: /^Message/u })).toBeNull();
    expect(log().getByText('hello')).toBeDefined();
    expect(log().getByText('Bo Lindqvist removed you')).toBeDefined();
  });

  it('takes messages while the user is coming in', async () => {
    const { core, conversation, user } = await open();
    const chat = core.chat(conversation);
    act(() => core.show({ type: 'chat', chat: { ...chat, membership: 'joining' } }));
    expect(screen.getByText('Setting up…')).toBeDefined();
    await user.type(screen.getByLabelText('Message to Boat'), 'early{Enter}');
    expect(await log().findByText('early')).toBeDefined();
  });
});

describe('a hostile name', () => {
  const hostile = `\u202eevil <img src=x onerror=alert(1)> 👩‍👩‍👧‍👦${'x'.repeat(200)}`;

  it('is text, and turns nothing round in the lines and rows that it is part of', async () => {
    const { core, says, change } = await open();
    const user = 'd4'.repeat(16);
    core.knows({ user, name: hostile });
    change(kBo, { what: 'added', users: [user] }, { what: 'name', name: hostile });
    says(user, 'hello');
    await log().findByText('hello');
    expect(document.querySelector('.frame img')).toBeNull();
    for (const line of lines()) expect(line).not.toContain('\u202e');
    const row = screen.getByRole('link', { current: 'page' });
    expect(within(row).getByText(/hello/u).textContent).toBe('hello');
    expect(row.querySelector('.chat-row-last')?.textContent).toBe('evil: hello');
  });
});

describe('somebody who is called like the user', () => {
  it('is in quotes wherever they are named', async () => {
    const { core, says, change, user: hand } = await open();
    const user = 'd4'.repeat(16);
    core.knows({ user, name: ' y\u200bou' });
    change(kBo, { what: 'added', users: [user] });
    change(user, { what: 'description' });
    says(user, 'it was me');
    await log().findByText('“you” changed the description');
    expect(names()).toEqual(['“you”']);
    await hand.click(await press('Boat, details'));
    expect((await screen.findAllByText('“you”', { selector: '.member-name' })).length).toBe(1);
  });
});

describe('a group that is not here', () => {
  it('is said to be elsewhere', async () => {
    window.history.replaceState(null, '', `#/group/${'0'.repeat(64)}`);
    const { core } = setUp();
    core.ready();
    act(() => core.start());
    expect(await screen.findByRole('heading', { name: 'This chat is not here' })).toBeDefined();
  });
});
