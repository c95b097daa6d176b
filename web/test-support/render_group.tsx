import { act, screen, within } from '@testing-library/react';
import type { Command, GroupChange, Role } from '../../schema/core';
import { kMe } from './fake_core';
import { kBo, kMira, press, setUp } from './render_app';

// A group of the user, of Bo, an admin, and of Mira; the user has `role`, and owns it or Bo does.
export async function openGroup(role: Role, ...changes: GroupChange[]) {
  const all = setUp();
  const { core, user } = all;
  core.ready();
  const owner = role === 'owner' ? kMe : kBo;
  const conversation = core.groups.found({ name: 'Boat', by: owner, members: [kMe, kBo, kMira] });
  core.groups.change(conversation, owner, [
    { what: 'role', user: kBo, role: owner === kBo ? 'owner' : 'admin' },
    { what: 'role', user: kMe, role },
    ...changes,
  ]);
  act(() => core.start());
  await user.click(screen.getByRole('link', { name: /^Boat/u }));
  await user.click(await press('Boat, details'));
  const panel = await screen.findByRole('complementary');
  await within(panel).findByRole('list', { name: 'Members' });
  const change = (by: string, ...more: GroupChange[]) =>
    act(() => core.groups.change(conversation, by, more));
  const asked = (type: Command['type']) => core.commands.filter((command) => command.type === type);
  return { ...all, conversation, panel: within(panel), change, asked };
}

// The rows of the open panel.
export const members = () =>
  within(screen.getByRole('list', { name: 'Members' }))
    .getAllByRole('listitem')
    .map((row) => row.textContent);
