import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { GroupChange, Role } from '../../../schema/core';
import { kBo, kJun, press } from '../../test-support/render_app';
import { members, openGroup } from '../../test-support/render_group';

async function open(role: Role, ...changes: GroupChange[]) {
  const all = await openGroup(role, ...changes);
  act(() => all.core.groups.asks(all.conversation, kJun));
  return all;
}

const asking = () => screen.queryByRole('list', { name: 'Who asks to join' });
const row = () => screen.getByRole('link', { name: /^Boat/u }).textContent;

describe('who asks to join', () => {
  it('is shown in the panel, the list of chats and the header to those who may add people', async () => {
    const { panel } = await open('admin');
    expect(await panel.findByRole('heading', { name: '1 person asks to join' })).toBeDefined();
    expect(within(asking() ?? document.body).getByText('Jun Mori')).toBeDefined();
    expect(row()).toContain('1 person asks to join');
    expect(screen.getByText(/^1 person asks to join · Bo, Mira, You$/u)).toBeDefined();
  });

  it('is not shown to others', async () => {
    const { change } = await open('member');
    expect(asking()).toBeNull();
    expect(row()).not.toContain('asks to join');
    change(kBo, { what: 'may_add', who: 'everyone' });
    await waitFor(() => expect(asking()).not.toBeNull());
  });

  it('comes in when somebody approves', async () => {
    const { user, panel, asked } = await open('owner');
    await user.click(await press('Approve Jun Mori'));
    await waitFor(() => expect(members()).toContain('Jun Mori'));
    expect(asked('add_members')).toMatchObject([{ users: [kJun] }]);
    expect(row()).not.toContain('asks to join');
    const heading = panel.getByRole('heading', { name: 'Nobody else asks to join' });
    await waitFor(() => expect(document.activeElement).toBe(heading));
  });

  it('stays out when somebody declines', async () => {
    const { user, asked } = await open('owner');
    await user.click(await press('Decline Jun Mori'));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Decline Jun Mori' })).toBeNull());
    expect(asked('decline_request')).toMatchObject([{ user: kJun }]);
    expect(members()).not.toContain('Jun Mori');
  });

  it('goes on asking where they could not be added, and why is said', async () => {
    const { core, user, panel } = await open('owner');
    core.groups.refusals.set(kJun, { error: 'no_device', message: 'x' });
    await user.click(await press('Approve Jun Mori'));
    expect((await panel.findByRole('alert')).textContent).toBe(
      'Jun Mori was not added. This person has no device that can read messages right now.',
    );
    expect(screen.getByRole('button', { name: 'Approve Jun Mori' })).toBeDefined();
  });

  it('goes on asking where the answer did not arrive, and why is said', async () => {
    const { core, user, panel } = await open('owner');
    core.failures.set('decline_request', { error: 'offline', message: 'x' });
    await user.click(await press('Decline Jun Mori'));
    expect((await panel.findByRole('alert')).textContent).toContain('no connection');
    expect(screen.getByRole('button', { name: 'Decline Jun Mori' })).toBeDefined();
  });
});
