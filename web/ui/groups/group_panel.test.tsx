import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kMe } from '../../test-support/fake_core';
import { kBo, kMira, press } from '../../test-support/render_app';
import { openGroup as open } from '../../test-support/render_group';

describe('name and description', () => {
  it('are changed where they stand', async () => {
    const { user, panel } = await open('owner');
    await user.click(panel.getByRole('button', { name: 'Change the name' }));
    const field = panel.getByLabelText<HTMLInputElement>('Name');
    expect(document.activeElement).toBe(field);
    await user.clear(field);
    await user.type(field, 'Ship{Enter}');
    expect(await panel.findByRole('heading', { name: 'Ship' })).toBeDefined();
    expect(document.activeElement).toBe(panel.getByRole('button', { name: 'Change the name' }));
    await user.click(panel.getByRole('button', { name: 'Add a description' }));
    await user.type(panel.getByLabelText('Description'), 'Sails');
    await user.click(panel.getByRole('button', { name: 'Save' }));
    expect(await panel.findByText('Sails')).toBeDefined();
  });

  it('stay as they were after Escape, and the panel stays too', async () => {
    const { user, panel, asked } = await open('owner');
    await user.click(panel.getByRole('button', { name: 'Change the name' }));
    await user.keyboard('s{Escape}');
    expect(panel.getByRole('heading', { name: 'Boat' })).toBeDefined();
    expect(asked('set_group')).toEqual([]);
  });

  it('say why they could not be changed, and keep what was typed', async () => {
    const { core, user, panel } = await open('owner');
    core.failures.set('set_group', { error: 'offline', message: 'x' });
    await user.click(panel.getByRole('button', { name: 'Change the name' }));
    await user.keyboard('s{Enter}');
    expect((await panel.findByRole('alert')).textContent).toContain('no connection');
    expect(panel.getByLabelText<HTMLInputElement>('Name').value).toBe('Boats');
  });

  it('are not in error any more for want of a connection once there is one', async () => {
    const { core, user, panel } = await open('owner');
    act(() => core.show({ type: 'connection', state: 'offline' }));
    core.failures.set('set_group', { error: 'offline', message: 'x' });
    await user.click(panel.getByRole('button', { name: 'Change the name' }));
    await user.keyboard('s{Enter}');
    await panel.findByRole('alert');
    act(() => core.show({ type: 'connection', state: 'online' }));
    expect(panel.queryByRole('alert')).toBeNull();
    expect(panel.getByLabelText<HTMLInputElement>('Name').value).toBe('Boats');
  });

  it('are for members to read where only admins may change them', async () => {
    const { panel } = await open('member', { what: 'may_edit', who: 'admins' });
    expect(panel.queryByRole('button', { name: /^(Change|Add a)/u })).toBeNull();
  });
});

describe('who may do what', () => {
  it('is decided by admins', async () => {
    const { user, panel, asked, conversation } = await open('admin');
    const choice = panel.getByLabelText<HTMLSelectElement>('Send messages');
    expect(choice.value).toBe('everyone');
    await user.selectOptions(choice, 'Only admins');
    await waitFor(() => expect(choice.value).toBe('admins'));
    expect(asked('set_group')).toMatchObject([{ conversation, may_send: 'admins' }]);
  });

  it('is what it was where that was refused', async () => {
    const { core, user, panel } = await open('admin');
    core.failures.set('set_group', { error: 'not_allowed', message: 'x' });
    const choice = panel.getByLabelText<HTMLSelectElement>('Add people');
    await user.selectOptions(choice, 'Everyone');
    await panel.findByRole('alert');
    expect(choice.value).toBe('admins');
  });

  it('is nothing for members to choose', async () => {
    const { panel } = await open('member');
    expect(panel.queryByLabelText('Send messages')).toBeNull();
  });
});

describe('leaving', () => {
  it('is done after a question, and shows the chat that one is out of', async () => {
    const { user, asked } = await open('member');
    await user.click(await press('Leave group'));
    const dialog = within(screen.getByRole('dialog', { name: 'Leave “Boat”?' }));
    expect(asked('leave_group')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Leave group' }));
    expect(await screen.findByText('You are not in this group any more.')).toBeDefined();
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('is for an owner to hand over first', async () => {
    const { user, asked } = await open('owner');
    await user.click(await press('Leave group'));
    const dialog = within(screen.getByRole('dialog', { name: 'You own this group' }));
    expect(dialog.getByText(/^Hand it over to somebody first/u)).toBeDefined();
    await user.click(dialog.getByRole('button', { name: 'OK' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(asked('leave_group')).toEqual([]);
  });

  it('is for an owner who is alone in it', async () => {
    const { user } = await open('owner', { what: 'removed', users: [kBo, kMira] });
    await user.click(await press('Leave group'));
    expect(screen.getByText(/^You are the last one in it/u)).toBeDefined();
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Leave group' }));
    expect(await screen.findByText('You are not in this group any more.')).toBeDefined();
  });
});

describe('the panel of a group', () => {
  it('shows nothing to do to whoever is out of it', async () => {
    const { change } = await open('member');
    change(kBo, { what: 'removed', users: [kMe] });
    const panel = within(screen.getByRole('complementary'));
    expect(panel.getByText(/^You are not in this group any more\. What was said/u)).toBeDefined();
    expect(panel.queryByRole('list')).toBeNull();
    expect(panel.queryByRole('button', { name: 'Leave group' })).toBeNull();
  });

  it('offers nothing while the group is being made', async () => {
    const { core, conversation } = await open('owner');
    act(() => core.show({ type: 'chat', chat: { ...core.chat(conversation), membership: 'joining' } }));
    const panel = within(screen.getByRole('complementary'));
    expect(panel.getByText('Setting up…')).toBeDefined();
    expect(panel.queryByRole('list')).toBeNull();
    expect(panel.queryByRole('button', { name: 'Leave group' })).toBeNull();
  });

  it('says why it does not know the group, and asks again on request', async () => {
    const { core, user, change } = await open('member');
    change(kBo, { what: 'removed', users: [kMe] });
    core.groups.unreachable = { error: 'offline', message: 'x' };
    act(() => core.say({ kind: 'starting' }));
    change(kBo, { what: 'added', users: [kMe] });
    act(() => core.start());
    expect((await screen.findByRole('alert')).textContent).toContain('no connection');
    core.groups.unreachable = null;
    await user.click(await press('Try again'));
    expect(await screen.findByRole('list', { name: 'Members' })).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('goes, and gives the focus back to what opened it', async () => {
    const { user } = await open('member');
    await user.click(await press('Close'));
    await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
    await waitFor(async () => expect(document.activeElement).toBe(await press('Boat, details')));
  });
});
