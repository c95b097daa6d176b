import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Invite, Role } from '../../../schema/core';
import { kMe } from '../../test-support/fake_core';
import { kBo, press } from '../../test-support/render_app';
import { openGroup } from '../../test-support/render_group';
import { addressOf } from '../join/invite_link';

const kDay = 24 * 60 * 60 * 1000;

async function open(role: Role = 'owner', ...invites: Partial<Invite>[]) {
  const all = await openGroup(role);
  act(() => invites.forEach((each) => all.core.groups.invites(all.conversation, kBo, each)));
  return all;
}

const rows = () => within(screen.getByRole('list', { name: 'Invite links' })).queryAllByRole('listitem');
const row = async (at = 0) => {
  await waitFor(() => expect(rows().length).toBeGreaterThan(at));
  return within(rows()[at] ?? document.body);
};

async function openForm() {
  const all = await open();
  await all.user.click(await press('Make an invite link'));
  return { ...all, form: within(screen.getByRole('dialog', { name: 'New invite link' })) };
}

afterEach(() => vi.restoreAllMocks());

describe('making an invite link', () => {
  it('is for seven days, for any number of people and without asking, where nothing else is chosen', async () => {
    const { user, form, asked, conversation } = await openForm();
    await user.click(form.getByRole('button', { name: 'Make link' }));
    await screen.findByRole('dialog', { name: 'Your invite link' });
    const [made] = asked('create_invite');
    expect(made).toMatchObject({ conversation, expires_in_ms: 7 * kDay, needs_approval: false });
    expect(made).not.toHaveProperty('max_uses');
  });

  it('is under the conditions that were chosen, and says them', async () => {
    const { user, form, asked } = await openForm();
    await user.selectOptions(form.getByLabelText('Expires'), 'Never');
    await user.selectOptions(form.getByLabelText('For how many'), '10 people');
    await user.click(form.getByLabelText('Somebody has to let them in'));
    await user.click(form.getByRole('button', { name: 'Make link' }));
    const made = within(await screen.findByRole('dialog', { name: 'Your invite link' }));
    expect(made.getByText('Whoever has it can ask to join. Does not expire, for 10 people.')).toBeDefined();
    expect(asked('create_invite')).toMatchObject([{ max_uses: 10, needs_approval: true }]);
    expect(asked('create_invite')[0]).not.toHaveProperty('expires_in_ms');
  });

  it('leads to the link at once, with the focus on copying it', async () => {
    const { user, form } = await openForm();
    await user.click(form.getByRole('button', { name: 'Make link' }));
    const made = within(await screen.findByRole('dialog', { name: 'Your invite link' }));
    const shown = made.getByLabelText<HTMLInputElement>('Invite link').value;
    const copy = made.getByRole('button', { name: 'Copy' });
    expect(document.activeElement).toBe(copy);
    await user.click(copy);
    expect(await made.findByText('Copied')).toBeDefined();
    const copied = await navigator.clipboard.readText();
    expect(copied).toBe(shown);
    expect(copied).toMatch(/^http:\/\/localhost(:\d+)?\/#join=\w+$/u);
    await user.click(made.getByRole('button', { name: 'Done' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect((await row()).getByText('Whoever has it can join')).toBeDefined();
  });

  it('says why it did not work, and keeps what was chosen', async () => {
    const { core, user, form } = await openForm();
    core.failures.set('create_invite', { error: 'too_many_invites', message: 'x' });
    await user.selectOptions(form.getByLabelText('Expires'), 'After 1 day');
    await user.click(form.getByRole('button', { name: 'Make link' }));
    expect((await form.findByRole('alert')).textContent).toContain('no more than 8 invite links');
    expect(form.getByLabelText<HTMLSelectElement>('Expires').value).toBe('1');
  });

  it('is for owners and admins', async () => {
    const { panel } = await open('member', { link: '#join=one' });
    expect(panel.queryByRole('button', { name: 'Make an invite link' })).toBeNull();
    expect(panel.queryByText(/^Whoever has it/u)).toBeNull();
  });
});

describe('an invite link of a group', () => {
  it('stands with its conditions', async () => {
    const noon = new Date(new Date().getFullYear() + 1, 4, 4, 12).getTime();
    await open(
      'admin',
      { link: '#join=one', expires_ms: noon, max_uses: 1 },
      { link: '#join=two', needs_approval: true },
    );
    expect((await row()).getByText(/^Until 4 May \d{4}, 12:00.*, for 1 person$/u)).toBeDefined();
    const second = await row(1);
    expect(second.getByText('Whoever has it can ask to join')).toBeDefined();
    expect(second.getByText('Does not expire')).toBeDefined();
  });

  it('is handed to the browser’s ways of sharing where it has them', async () => {
    const share = vi.fn(() => Promise.resolve());
    Object.defineProperty(navigator, 'share', { value: share, configurable: true });
    const { user } = await open('owner', { link: '#join=one' });
    await user.click((await row()).getByRole('button', { name: 'Share' }));
    expect(share).toHaveBeenCalledWith({ url: addressOf('#join=one') });
    share.mockRejectedValueOnce(new DOMException('x', 'AbortError'));
    await user.click((await row()).getByRole('button', { name: 'Share' }));
    expect(screen.queryByRole('alert')).toBeNull();
    Reflect.deleteProperty(navigator, 'share');
  });

  it('is shown to be copied by hand where the browser does not copy', async () => {
    const { user } = await open('owner', { link: '#join=one' });
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
    const shown = await row();
    expect(shown.queryByRole('button', { name: 'Share' })).toBeNull();
    await user.click(shown.getByRole('button', { name: 'Copy' }));
    expect((await shown.findByRole('alert')).textContent).toContain('did not let us copy');
    expect(shown.getByLabelText<HTMLInputElement>('Invite link').value).toBe(addressOf('#join=one'));
  });

  it('says who has made it, and where it can be copied', async () => {
    const { core, conversation } = await open('admin', {});
    act(() => {
      core.groups.invites(conversation, kMe);
      core.groups.invites(conversation, kMe, { link: '#join=one' });
      const { invite } = core.groups.invites(conversation, kBo);
      core.groups.replaceInvite(conversation, { invite, needs_approval: false });
    });
    await row(3);
    const makers = [
      /^Made by Bo Lindqvist$/u,
      /^Made by you$/u,
      /^Made by you$/u,
      /^Made before you were here$/u,
    ];
    for (const [at, maker] of makers.entries()) expect((await row(at)).getByText(maker)).toBeDefined();
    const elsewhere = /^It can be copied only on the device that made it/u;
    for (const at of [0, 1, 3]) expect((await row(at)).getByText(elsewhere)).toBeDefined();
    expect((await row(2)).queryByText(elsewhere)).toBeNull();
    expect((await row(0)).getAllByRole('button').map((button) => button.textContent)).toEqual(['Revoke']);
  });

  it('that is used up is shown as that, and removed', async () => {
    const { user, asked } = await open(
      'owner',
      { link: '#join=one', max_uses: 3, joined: 2 },
      { link: '#join=two', max_uses: 2, joined: 2 },
    );
    expect((await row()).getByText('Does not expire, for 3 people, 2 have joined')).toBeDefined();
    const dead = await row(1);
    expect(dead.getByText('Used up: 2 people have joined')).toBeDefined();
    expect(dead.getAllByRole('button').map((button) => button.textContent)).toEqual(['Remove']);
    await user.click(dead.getByRole('button', { name: 'Remove' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Remove this link?' }));
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(asked('revoke_invite')).toHaveLength(1);
  });

  it('that has expired is not passed on any more', async () => {
    await open('owner', { link: '#join=one', expires_ms: Date.now() - 1 });
    const shown = await row();
    expect(shown.getByText(/^Expired on/u)).toBeDefined();
    expect(shown.queryByRole('button', { name: 'Copy' })).toBeNull();
  });

  it('is revoked after a question, and the focus stays at the links', async () => {
    const { user, asked, panel } = await open('admin', { link: '#join=one' });
    await user.click((await row()).getByRole('button', { name: 'Revoke' }));
    const dialog = within(screen.getByRole('dialog', { name: 'Revoke this link?' }));
    expect(dialog.getByText(/^Whoever has the link can’t join with it any more/u)).toBeDefined();
    expect(asked('revoke_invite')).toEqual([]);
    await user.click(dialog.getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(rows()).toEqual([]));
    expect(asked('revoke_invite')).toHaveLength(1);
    expect(document.activeElement).toBe(panel.getByRole('heading', { name: 'Invite link' }));
  });

  it('stays where revoking did not work, and why is said', async () => {
    const { core, user } = await open('owner', { link: '#join=one' });
    core.failures.set('revoke_invite', { error: 'offline', message: 'x' });
    await user.click((await row()).getByRole('button', { name: 'Revoke' }));
    const dialog = within(screen.getByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Revoke' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('no connection');
    expect(rows()).toHaveLength(1);
  });
});
