import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { ErrorName } from '../../../schema/core';
import { kKey } from '../../test-support/fake_core';
import { kBo, press, setUp } from '../../test-support/render_app';
import { addressOf } from './invite_link';

const kLink = '#join=abcDEF-_123';

// Kith, opened by an invite link to a group of Bo's; before that the user was elsewhere in it.
function arrive(offer: { needs_approval?: boolean; conversation?: string } = {}, link = kLink) {
  window.history.replaceState(null, '', `/${link}`);
  const all = setUp();
  all.core.ready();
  all.core.invites.offers.set(kLink, { name: 'Boat', by: kBo, ...offer });
  const asked = () => all.core.commands.filter(({ type }) => type === 'join_group');
  return { ...all, asked };
}

const dialog = async () => within(await screen.findByRole('dialog', { name: 'Group invitation' }));
const addressed = () => window.location.href + JSON.stringify(window.history.state);

describe('an invite link that is opened', () => {
  it('shows the group, and leads into its chat when the user joins', async () => {
    const { core, user } = arrive();
    act(() => core.start());
    const shown = await dialog();
    expect(await shown.findByRole('heading', { name: 'Boat' })).toBeDefined();
    await user.click(shown.getByRole('button', { name: 'Join group' }));
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
    expect(await within(screen.getByRole('log')).findByText('You joined by an invite link')).toBeDefined();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).not.toBe(document.body);
  });

  it('leaves the address, and with the dialog all that was kept of it', async () => {
    const { core, user } = arrive();
    const entries = window.history.length;
    act(() => core.start());
    expect(addressed()).not.toContain('abcDEF');
    expect(window.location.hash).toBe('#/');
    expect(window.history.length).toBe(entries);
    await user.click((await dialog()).getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(window.sessionStorage).toHaveLength(0);
    expect(window.localStorage).toHaveLength(0);
    expect(core.commands.some(({ type }) => type === 'join_group')).toBe(false);
  });

  it('is taken while Kith is open, also in a chat', async () => {
    const { core, user } = arrive({}, '#/');
    act(() => {
      core.receives(kBo, 'hello');
      core.start();
    });
    await user.click(screen.getByRole('link', { name: /Bo Lindqvist/u }));
    act(() => {
      window.location.hash = kLink;
    });
    expect(await (await dialog()).findByRole('heading', { name: 'Boat' })).toBeDefined();
    expect(addressed()).not.toContain('abcDEF');
  });

  it('asks for nothing before the user does', async () => {
    const { core, asked } = arrive();
    act(() => core.start());
    await (await dialog()).findByRole('heading', { name: 'Boat' });
    expect(asked()).toEqual([]);
  });

  it('waits for the connection', async () => {
    const { core } = arrive();
    act(() => core.start('offline'));
    const shown = await dialog();
    expect(await shown.findByText('Waiting for network…')).toBeDefined();
    expect(core.commands.some(({ type }) => type === 'look_at_invite')).toBe(false);
    act(() => core.show({ type: 'connection', state: 'online' }));
    expect(await shown.findByRole('heading', { name: 'Boat' })).toBeDefined();
  });

  it('leads whoever is in the group already to its chat', async () => {
    const { core, asked } = arrive({}, '#/');
    const conversation = core.groups.found({ name: 'Boat', members: [kBo] });
    core.invites.offers.set(kLink, { name: 'Boat', by: kBo, conversation });
    act(() => core.start());
    act(() => {
      window.location.hash = kLink;
    });
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked()).toEqual([]);
  });

  it('outlives registration, a reload in the middle of it too, and comes before a first chat', async () => {
    const { core, user } = arrive();
    core.account = { stage: 'new' };
    act(() => core.start());
    expect(screen.getByText(/^You have an invite link to a group/u)).toBeDefined();
    expect(screen.queryByRole('dialog')).toBeNull();
    core.account = { stage: 'recovery_key', recovery_key: kKey };
    act(() => core.say({ kind: 'starting' }));
    act(() => core.start());
    core.ready();
    act(() => core.start());
    await user.click(await (await dialog()).findByRole('button', { name: 'Join group' }));
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
  });
});

describe('an invite link that is opened while another tab has Kith', () => {
  it('waits until Kith is used here', async () => {
    const { core, user } = arrive();
    act(() => core.say({ kind: 'held_elsewhere' }));
    expect(addressed()).not.toContain('abcDEF');
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.click(await press('Use here'));
    expect(await (await dialog()).findByRole('heading', { name: 'Boat' })).toBeDefined();
  });
});

describe('a group that the user has asked to join', () => {
  const waiting = () => screen.queryByRole('list', { name: 'Groups you asked to join' });

  it('stands over the chats once the dialog is closed', async () => {
    const { core, user } = arrive({ needs_approval: true });
    act(() => core.start());
    await user.click(await (await dialog()).findByRole('button', { name: 'Ask to join' }));
    await user.click(await (await dialog()).findByRole('button', { name: 'OK' }));
    expect(waiting()?.textContent).toBe('BoatWaiting to be let in');
  });

  it('is put away once it is said that the user was not let in', async () => {
    const { core, user } = setUp();
    act(() => core.ready().start());
    const request = { conversation: 'e'.repeat(64), name: 'Choir', asked_ms: 1 };
    act(() => core.invites.requests(request));
    expect(screen.queryByRole('button', { name: 'OK, put Choir away' })).toBeNull();
    act(() => core.invites.requests({ ...request, refusal: 'declined' }));
    expect(waiting()?.textContent).toContain('You were not let in');
    act(() => core.invites.requests({ ...request, refusal: 'invite_revoked' }));
    expect(waiting()?.textContent).toContain('The link you asked by is not valid any more');
    await user.click(screen.getByRole('button', { name: 'OK, put Choir away' }));
    await waitFor(() => expect(waiting()).toBeNull());
  });
});

describe('a link with which one only asks to join', () => {
  it('says that somebody has to let the user in, before and after', async () => {
    const { core, user, asked } = arrive({ needs_approval: true });
    act(() => core.start());
    const shown = await dialog();
    expect(await shown.findByText(/^You are invited to ask to join this group\./u)).toBeDefined();
    await user.click(shown.getByRole('button', { name: 'Ask to join' }));
    expect(
      await shown.findByText(/^You asked to join\. Somebody in the group has to let you in/u),
    ).toBeDefined();
    const ok = shown.getByRole('button', { name: 'OK' });
    expect(document.activeElement).toBe(ok);
    await user.click(ok);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked()).toHaveLength(1);
  });
});

describe('a link that leads nowhere', () => {
  const words: [ErrorName, string][] = [
    ['invite_revoked', 'This link was revoked. Ask for a new one.'],
    ['invite_expired', 'This link has expired. Ask for a new one.'],
    ['invite_used_up', 'This link was for a number of people, who have all joined. Ask for a new one.'],
    ['group_full', 'The group is full: this server allows no more members.'],
    ['not_found', 'This link leads to no group on this server. Ask for a new one.'],
    ['invalid_argument', 'This is not an invite link, or a part of it is missing. Copy it again, all of it.'],
  ];

  it.each(words)('says why: %s', async (error, text) => {
    const { core, user } = arrive();
    core.failures.set('look_at_invite', { error, message: 'x' });
    act(() => core.start());
    const shown = await dialog();
    expect(await shown.findByText(text)).toBeDefined();
    expect(shown.queryByRole('button', { name: 'Try again' })).toBeNull();
    await user.click(shown.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('says it as well when that shows only on joining, where nobody comes in', async () => {
    const { core, user } = arrive();
    core.failures.set('join_group', { error: 'invite_used_up', message: 'x' });
    act(() => core.start());
    const shown = await dialog();
    await user.click(await shown.findByRole('button', { name: 'Join group' }));
    expect(await shown.findByText(/^This link was for a number of people/u)).toBeDefined();
    expect(document.activeElement).toBe(shown.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('button', { name: 'Join group' })).toBeNull();
  });

  it('after the user was let in is said over the chats, where there is no chat to say it in', async () => {
    const { core } = arrive({}, '#/');
    act(() => {
      core.start();
      core.show({ type: 'warning', code: 'not_joined', message: 'x', conversation: 'f'.repeat(64) });
    });
    expect((await screen.findByRole('alert')).textContent).toContain(
      'An invite link led nowhere in the end.',
    );
  });

  it('is tried again where that may help', async () => {
    const { core, user } = arrive();
    core.failures.set('join_group', { error: 'offline', message: 'x' });
    act(() => core.start());
    const shown = await dialog();
    await user.click(await shown.findByRole('button', { name: 'Join group' }));
    expect(await shown.findByText(/^There is no connection to the server/u)).toBeDefined();
    await user.click(await press('Try again'));
    await user.click(await shown.findByRole('button', { name: 'Join group' }));
    expect(await screen.findByLabelText('Message to Boat')).toBeDefined();
  });
});

describe('an invite link in a message', () => {
  function receive(text: string) {
    const all = arrive({}, '#/');
    act(() => {
      all.core.receives(kBo, text);
      all.core.start();
    });
    return all;
  }

  it('is opened where it stands', async () => {
    const { user } = receive(`Come aboard: ${addressOf(kLink)}`);
    await user.click(screen.getByRole('link', { name: /Bo Lindqvist/u }));
    const anchor = await screen.findByRole('link', { name: addressOf(kLink) });
    expect(anchor.getAttribute('target')).toBeNull();
    await user.click(anchor);
    expect(await (await dialog()).findByRole('heading', { name: 'Boat' })).toBeDefined();
    expect(screen.getByLabelText('Message to Bo Lindqvist')).toBeDefined();
  });

  it('of another server is a link like any other', async () => {
    const { user } = receive(`https://example.org/${kLink}`);
    await user.click(screen.getByRole('link', { name: /Bo Lindqvist/u }));
    const anchor = await screen.findByRole('link', { name: `https://example.org/${kLink}` });
    expect(anchor.getAttribute('target')).toBe('_blank');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});
