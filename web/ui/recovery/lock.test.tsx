import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { press, setUp } from '../../test-support/render_app';

const pin = (label = 'PIN') => screen.getByLabelText<HTMLInputElement>(label);

describe('a number that is locked', () => {
  async function asked() {
    const all = setUp();
    all.core.pin = '2468';
    all.core.account = { stage: 'name', address: '+447700900001' };
    act(() => all.core.start());
    await all.user.type(screen.getByLabelText('Name'), 'Ada{Enter}');
    await screen.findByRole('heading', { name: 'Enter the PIN' });
    return all;
  }
  const creations = ({ core }: Awaited<ReturnType<typeof asked>>) =>
    core.commands.filter(({ type }) => type === 'create_account');

  it('asks for its PIN, says when it is another one, and takes the right one', async () => {
    const all = await asked();
    const { core, user } = all;
    core.failures.set('create_account', { error: 'wrong_pin', message: 'x', attempts_left: 4 });
    expect(pin().type).toBe('password');
    await user.type(pin(), '13-5{Enter}');
    expect(creations(all)).toHaveLength(1);
    await user.type(pin(), '7{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('That is not the PIN. 4 tries are left.');
    expect(pin().value).toBe('');
    await user.type(pin(), '2468{Enter}');
    await screen.findByRole('list', { name: 'Recovery key' });
    expect(creations(all).at(-1)).toMatchObject({ name: 'Ada', pin: '2468' });
  });

  it('says how long to wait after too many', async () => {
    const { core, user } = await asked();
    core.failures.set('create_account', { error: 'pin_paused', message: 'x', retry_after_ms: 14_400_000 });
    await user.type(pin(), '2468{Enter}');
    expect((await screen.findByRole('alert')).textContent).toBe('Too many wrong PINs. Try again in 4 hours.');
  });

  it('leads back to the name, and to the number for whoever forgot it', async () => {
    const { core, user } = await asked();
    await user.keyboard('{Escape}');
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Ada');
    await user.type(screen.getByLabelText('Name'), '{Enter}');
    await user.click(await press('Begin again'));
    await user.click(await press('Send code'));
    await screen.findByRole('heading', { name: 'Enter the code' });
    expect(core.commands.at(-1)).toMatchObject({ type: 'register', phone: '+447700900001' });
  });
});

describe('the registration lock', () => {
  async function opened(locked: string | null) {
    const all = setUp();
    all.core.pin = locked;
    act(() => all.core.ready().start());
    window.location.hash = '#/you';
    await all.user.click(await press('Registration lock'));
    return all;
  }

  it('is set, where there is none', async () => {
    const { core, user } = await opened(null);
    await screen.findByText('Your number is not locked.');
    expect(screen.queryByRole('button', { name: 'Turn off' })).toBeNull();
    expect(pin().type).toBe('text');
    await user.type(pin(), '123{Enter}');
    expect(core.pin).toBeNull();
    await user.type(pin(), '4{Enter}');
    await screen.findByText('The PIN is set. Your number is locked.');
    expect(core.pin).toBe('1234');
    expect(pin('New PIN').value).toBe('');
  });

  it('is changed and turned off, where there is one', async () => {
    const { core, user } = await opened('1234');
    await screen.findByText('Your number is locked.');
    await user.type(pin('New PIN'), '56789');
    await user.click(await press('Change the PIN'));
    await waitFor(() => expect(core.pin).toBe('56789'));
    await user.click(await press('Turn off'));
    await screen.findByText('The lock is off. Your number is not locked.');
    expect(core.pin).toBeNull();
  });

  it('says why it is not known, and why it could not be set', async () => {
    const { core, user } = await opened(null);
    core.failures.set('set_pin', { error: 'overloaded', message: 'x' });
    await user.type(pin(), '1234{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('busy');
    await user.click(await press('Close'));
    core.failures.set('has_pin', { error: 'offline', message: 'x' });
    await user.click(await press('Registration lock'));
    expect((await screen.findByRole('alert')).textContent).toContain('no connection');
    expect(screen.queryByLabelText('PIN')).toBeNull();
  });
});
