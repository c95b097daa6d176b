import { act, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kKey } from '../../test-support/fake_core';
import { press, setUp } from '../../test-support/render_app';
import { go } from '../route';

const kNow = new Date(2026, 4, 4, 12).getTime();

function openDevices(byRecoveryKey = true) {
  const all = setUp();
  const { core } = all;
  core.ready();
  core.devices.keysByRecoveryKey = byRecoveryKey;
  core.devices.devices = ['Firefox on Linux', 'Lost laptop'].map((name, at) => ({
    device: String(at).padStart(32, '0'),
    name,
    added_at: kNow,
    last_seen: kNow,
    is_this: at === 0,
  }));
  act(() => {
    core.start();
    go({ at: 'devices' });
  });
  return all;
}

const dialog = async (name: RegExp) => within(await screen.findByRole('dialog', { name }));
const given = (type: string) => (command: { type: string }) => command.type === type;

describe('a device', () => {
  it('is removed after a question, and the list is without it', async () => {
    const { core, user } = openDevices();
    expect(screen.queryByRole('button', { name: 'Remove Firefox on Linux' })).toBeNull();
    await user.click(await press('Remove Lost laptop'));
    const question = await dialog(/Remove “Lost laptop”/u);
    expect(question.getByText(/signed out at once/u)).toBeDefined();
    expect(question.getByText(/contacts are told/u)).toBeDefined();
    expect(core.commands.some(given('revoke_device'))).toBe(false);
    await user.click(question.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByText('Lost laptop')).toBeNull());
    const [command] = core.commands.filter(given('revoke_device'));
    expect(command).toMatchObject({ device: '1'.padStart(32, '0') });
    expect(command).not.toHaveProperty('recovery_key');
    expect(await screen.findByText(/last made without the recovery key/u)).toBeDefined();
  });

  it('is removed with the recovery key, whose mistakes are named', async () => {
    const { core, user } = openDevices();
    await user.click(await press('Remove Lost laptop'));
    const question = await dialog(/Remove/u);
    const field = question.getByLabelText<HTMLInputElement>('Recovery key (optional)');
    await user.type(field, 'k7qm3');
    expect(field.value).toBe('K7QM-3');
    expect(question.getByText('5 of 28 letters and digits.')).toBeDefined();
    await user.click(question.getByRole('button', { name: 'Remove' }));
    expect(core.commands.some(given('revoke_device'))).toBe(false);
    await user.clear(field);
    await user.paste('UUUU'.repeat(7));
    expect((await question.findByRole('alert')).textContent).toContain('mistyped somewhere');
    await user.clear(field);
    await user.paste(kKey.join(' ').toLowerCase());
    await question.findByText('This is your recovery key.');
    for (const [error, words] of [
      ['wrong_recovery_key', 'recovery key of another account'],
      ['stale_device_list', 'Another of your devices was faster'],
      ['offline', 'no connection'],
    ] as const) {
      core.failures.set('revoke_device', { error, message: 'x' });
      await user.click(question.getByRole('button', { name: 'Remove' }));
      await waitFor(() => expect(question.getByRole('alert').textContent).toContain(words));
    }
    expect(screen.getByText('Lost laptop')).toBeDefined();
    await user.click(question.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(screen.queryByText('Lost laptop')).toBeNull());
    expect(core.commands.filter(given('revoke_device')).at(-1)).toMatchObject({
      recovery_key: kKey.join(''),
    });
    expect(screen.queryByText(/last made without the recovery key/u)).toBeNull();
  });

  it('is not said to be refused any more once another key is given', async () => {
    const { core, user } = openDevices();
    await user.click(await press('Remove Lost laptop'));
    const question = await dialog(/Remove/u);
    const field = question.getByLabelText<HTMLInputElement>('Recovery key (optional)');
    await user.click(field);
    await user.paste('AAAA'.repeat(7));
    core.failures.set('revoke_device', { error: 'wrong_recovery_key', message: 'x' });
    await user.click(question.getByRole('button', { name: 'Remove' }));
    expect((await question.findByRole('alert')).textContent).toContain('another account');
    await user.clear(field);
    await user.paste(kKey.join(''));
    await question.findByText('This is your recovery key.');
    expect(question.queryByRole('alert')).toBeNull();
  });

  it('takes another one along that can’t get the new keys, once that was said', async () => {
    const { core, user } = openDevices();
    await user.click(await press('Remove Lost laptop'));
    const question = await dialog(/Remove “Lost laptop”/u);
    core.failures.set('revoke_device', { error: 'device_unreachable', message: 'x' });
    await user.click(question.getByRole('button', { name: 'Remove' }));
    expect((await question.findByRole('alert')).textContent).toContain('can’t get the new keys');
    await user.click(question.getByRole('button', { name: 'Remove both' }));
    await waitFor(() => expect(screen.queryByText('Lost laptop')).toBeNull());
    expect(core.commands.filter(given('revoke_device'))).toMatchObject([{}, { removes_unreachable: true }]);
  });
});

describe('new keys', () => {
  it('are made for all devices', async () => {
    const { core, user } = openDevices(false);
    expect(await screen.findByText(/last made without the recovery key/u)).toBeDefined();
    await user.click(await press('Make new keys'));
    const question = await dialog(/Make new keys/u);
    await user.type(question.getByLabelText('Recovery key (optional)'), kKey.join('-'));
    await question.findByText('This is your recovery key.');
    await user.click(question.getByRole('button', { name: 'Make new keys' }));
    await waitFor(() => expect(screen.queryByText(/last made without the recovery key/u)).toBeNull());
    expect(screen.getByText('Your account has new keys.')).toBeDefined();
    expect(core.commands.filter(given('rotate_keys'))).toMatchObject([{ recovery_key: kKey.join('') }]);
  });

  it('that have not come yet are said to be awaited', async () => {
    const { core } = openDevices();
    await screen.findByText('Lost laptop');
    expect(screen.getByText(/^If somebody could have had the keys/u)).toBeDefined();
    act(() => core.show({ type: 'account', account: { ...core.account, awaits_keys: true } }));
    expect(await screen.findByText(/waits until it gets them/u)).toBeDefined();
  });
});

describe('a device that was removed', () => {
  it('shows nothing of the account any more, and may be begun anew', async () => {
    const { core, user } = openDevices();
    await screen.findByText('Lost laptop');
    act(() => core.show({ type: 'account', account: { ...core.account, stage: 'removed' } }));
    expect(await screen.findByRole('heading', { name: /removed from your account/u })).toBeDefined();
    expect(screen.queryByText('Lost laptop')).toBeNull();
    await user.click(await press('Begin again'));
    const question = await dialog(/Delete what is stored here/u);
    expect(core.commands.some(given('forget_device'))).toBe(false);
    await user.click(question.getByRole('button', { name: 'Delete and begin again' }));
    expect(await screen.findByRole('heading', { name: 'Everything is deleted' })).toBeDefined();
    expect(await press('Begin again')).toBeDefined();
  });
});
