import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Invite, Role } from '../../../schema/core';
import { kMe } from '../../test-support/fake_core';
import { kBo, kJun, kMira, press } from '../../test-support/render_app';
import { members, openGroup as open } from '../../test-support/render_group';

async function menuOf(user: { click: (on: Element) => Promise<void> }, name: string): Promise<string[]> {
  await user.click(await press(`More about ${name}`));
  return screen.getAllByRole('menuitem').map((item) => item.textContent);
}

const pick = (name: string) => screen.findByRole('menuitem', { name });

describe('the members of a group', () => {
  it('stand with their roles, the user first, and those who are on their way last', async () => {
    const { core, conversation, panel } = await open('owner');
    expect(members()).toEqual(['YouOwner', 'Bo LindqvistAdmin', 'Mira']);
    expect(panel.getByRole('heading', { name: '3 members' })).toBeDefined();
    act(() => core.groups.waits(conversation, kJun));
    await waitFor(() => expect(members().at(-1)).toBe('SomebodyBeing added…'));
  });

  it('are asked for again when the group has changed', async () => {
    const { change } = await open('member');
    change(kBo, { what: 'removed', users: [kMira] });
    await waitFor(() => expect(members()).toEqual(['You', 'Bo LindqvistOwner']));
  });

  it('are found by name where there are many', async () => {
    const { core, user, change, panel } = await open('owner');
    expect(panel.queryByLabelText('Find a member')).toBeNull();
    const users = Array.from({ length: 9 }, (_, index) => `${index}`.repeat(32));
    users.forEach((one, index) => core.knows({ user: one, name: `Person ${index}` }));
    change(kMe, { what: 'added', users });
    const field = await panel.findByLabelText('Find a member');
    await user.type(field, 'person 7');
    expect(members()).toEqual(['Person 7']);
    await user.type(field, '7');
    expect(panel.getByText('Nobody here is called “person 77”.')).toBeDefined();
    await user.keyboard('{Escape}');
    expect(members()).toHaveLength(12);
  });
});

describe('what can be done with a member', () => {
  it('is for the owner everything', async () => {
    const { user } = await open('owner');
    expect(await menuOf(user, 'Bo Lindqvist')).toEqual([
      'Message',
      'Remove as admin',
      'Hand over the group',
      'Remove from group',
    ]);
    await user.keyboard('{Escape}');
    expect(await menuOf(user, 'Mira')).toContain('Make admin');
  });

  it('is for an admin everything but to hand over, and nothing with the owner', async () => {
    const { user } = await open('admin');
    expect(await menuOf(user, 'Mira')).toEqual(['Message', 'Make admin', 'Remove from group']);
    await user.keyboard('{Escape}');
    expect(await menuOf(user, 'Bo Lindqvist')).toEqual(['Message']);
  });

  it('is for a member to write to them', async () => {
    const { user } = await open('member');
    expect(await menuOf(user, 'Mira')).toEqual(['Message']);
    await user.click(await pick('Message'));
    expect(await screen.findByLabelText('Message to Mira')).toBeDefined();
  });

  it('is nothing with oneself', async () => {
    await open('owner');
    expect(screen.getAllByRole('button', { name: /^More about/u })).toHaveLength(2);
  });
});

describe('roles', () => {
  it('are given and taken', async () => {
    const { user } = await open('owner');
    await menuOf(user, 'Mira');
    await user.click(await pick('Make admin'));
    await waitFor(() => expect(members()).toContain('MiraAdmin'));
    await menuOf(user, 'Mira');
    await user.click(await pick('Remove as admin'));
    await waitFor(() => expect(members()).toContain('Mira'));
  });

  it('are left as they are where that is refused, and why is said', async () => {
    const { core, user, panel } = await open('owner');
    core.failures.set('set_role', { error: 'not_allowed', message: 'x' });
    await menuOf(user, 'Mira');
    await user.click(await pick('Make admin'));
    expect((await panel.findByRole('alert')).textContent).toBe(
      'Your role in this group does not allow that.',
    );
    expect(members()).toContain('Mira');
  });

  it('are handed over after a question that says what happens', async () => {
    const { user, asked } = await open('owner');
    await menuOf(user, 'Mira');
    await user.click(await pick('Hand over the group'));
    const dialog = within(screen.getByRole('dialog', { name: 'Hand the group over to Mira?' }));
    expect(dialog.getByText(/^Mira will own it\. You can’t take it back/u)).toBeDefined();
    expect(asked('set_role')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Hand over' }));
    await waitFor(() => expect(members()).toEqual(['YouAdmin', 'MiraOwner', 'Bo LindqvistAdmin']));
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('removing a member while there are invite links', () => {
  async function question(...invites: Partial<Invite>[]) {
    const all = await open('owner');
    act(() => invites.forEach((each) => all.core.groups.invites(all.conversation, kBo, each)));
    await menuOf(all.user, 'Mira');
    await all.user.click(await pick('Remove from group'));
    return { ...all, dialog: within(screen.getByRole('dialog', { name: 'Remove Mira?' })) };
  }

  it('says that the person could come back, and revokes them too', async () => {
    const { user, dialog, asked } = await question({}, {}, { expires_ms: Date.now() - 1 });
    expect(dialog.getByText('With an invite link of this group they could come back.')).toBeDefined();
    expect(dialog.getByRole<HTMLInputElement>('checkbox').checked).toBe(true);
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(members()).not.toContain('Mira'));
    await waitFor(() => expect(asked('revoke_invite')).toHaveLength(2));
    expect(asked('remove_member')).toHaveLength(1);
  });

  it('keeps them where the user says so', async () => {
    const { user, dialog, asked } = await question({ needs_approval: true });
    expect(dialog.getByText('With an invite link of this group they could ask to come back.')).toBeDefined();
    await user.click(dialog.getByLabelText('Also revoke the invite link'));
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked('remove_member')).toHaveLength(1);
    expect(asked('revoke_invite')).toEqual([]);
  });

  it('is about the links alone when those failed, and says why', async () => {
    const { core, user, dialog, asked } = await question({});
    core.failures.set('revoke_invite', { error: 'offline', message: 'x' });
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('no connection');
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked('remove_member')).toHaveLength(1);
    expect(asked('revoke_invite')).toHaveLength(2);
  });

  it('asks nothing of links that let nobody in', async () => {
    const { dialog } = await question({ max_uses: 1, joined: 1 });
    expect(dialog.queryByRole('checkbox')).toBeNull();
  });
});

describe('removing a member', () => {
  async function question() {
    const all = await open('owner');
    await menuOf(all.user, 'Mira');
    await all.user.click(await pick('Remove from group'));
    return { ...all, dialog: within(screen.getByRole('dialog', { name: 'Remove Mira?' })) };
  }

  it('is done after a question, and leaves the focus at the members', async () => {
    const { user, dialog } = await question();
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(members()).toEqual(['YouOwner', 'Bo LindqvistAdmin']));
    expect(document.activeElement).toBe(screen.getByRole('heading', { name: '2 members' }));
  });

  it('is not done where the answer is no', async () => {
    const { user, dialog, asked } = await question();
    await user.click(dialog.getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked('remove_member')).toEqual([]);
  });

  it('says in the question why it did not work', async () => {
    const { core, user, dialog } = await question();
    core.failures.set('remove_member', { error: 'offline', message: 'x' });
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('no connection');
    expect(members()).toContain('Mira');
  });
});

describe('adding people', () => {
  async function choose(role: Role) {
    const all = await open(role);
    await all.user.click(all.panel.getByRole('link', { name: 'Add people' }));
    const field = await screen.findByLabelText('Name, phone number or e-mail');
    return { ...all, field };
  }

  it('offers nobody who is in the group, and says it of whoever is found so', async () => {
    const { user, field } = await choose('owner');
    expect(screen.queryAllByRole('checkbox')).toEqual([]);
    await user.type(field, '+46701740605{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('Bo Lindqvist is in the group already.');
  });

  it('brings them in and returns to the group', async () => {
    const { user, field } = await choose('owner');
    await user.type(field, 'jun@example.org{Enter}');
    await screen.findByRole('button', { name: 'Take out Jun Mori' });
    await user.click(await press('Add'));
    await waitFor(() => expect(members()).toContain('Jun Mori'));
    expect(document.activeElement?.textContent).toBe('Add people');
  });

  it('is left for the group, which then has the focus where it was', async () => {
    const { user } = await choose('owner');
    await user.click(await press('Back to the group'));
    await waitFor(() => expect(members()).toHaveLength(3));
    expect(document.activeElement?.textContent).toBe('Add people');
  });

  it('is over for whoever is removed meanwhile, also when they come in again', async () => {
    const { change } = await choose('admin');
    change(kBo, { what: 'removed', users: [kMe] });
    expect(await screen.findByText(/^You are not in this group any more\. What was said/u)).toBeDefined();
    change(kBo, { what: 'added', users: [kMe] });
    await waitFor(() => expect(members()).toHaveLength(3));
    expect(screen.queryByLabelText('Name, phone number or e-mail')).toBeNull();
  });

  it('keeps those who could not be added, and says why', async () => {
    const { core, user, field } = await choose('owner');
    core.groups.refusals.set(kJun, { error: 'no_device', message: 'x' });
    await user.type(field, 'jun@example.org{Enter}');
    await screen.findByRole('button', { name: 'Take out Jun Mori' });
    await user.click(await press('Add'));
    expect((await screen.findByRole('alert')).textContent).toBe(
      'Jun Mori was not added. This person has no device that can read messages right now.',
    );
    expect(screen.getByRole('button', { name: 'Take out Jun Mori' })).toBeDefined();
  });

  it('is for members where everyone may', async () => {
    const { panel, change } = await open('member', { what: 'may_add', who: 'admins' });
    expect(panel.queryByRole('link', { name: 'Add people' })).toBeNull();
    change(kBo, { what: 'may_add', who: 'everyone' });
    expect(await panel.findByRole('link', { name: 'Add people' })).toBeDefined();
  });
});
