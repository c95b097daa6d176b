import { act, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { kKey } from '../../test-support/fake_core';
import { press, setUp } from '../../test-support/render_app';
import { readPicture } from '../qr/read_qr';
import { inGroups } from './spelling';

// What is in a picture needs a real canvas: the browser test reads real ones.
vi.mock('../qr/read_qr', () => ({ readPicture: vi.fn(), readQr: vi.fn() }));

const kOther = 'AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG';
const field = () => screen.getByLabelText<HTMLInputElement>('Or type the recovery key');

function welcomeBack() {
  const all = setUp();
  all.core.account = { stage: 'account', address: '+447700900001' };
  act(() => all.core.start());
  return all;
}

describe('a number that has an account', () => {
  it('is brought back by the recovery key, straight to its chats', async () => {
    const { core, user } = welcomeBack();
    expect(screen.getByText('+447700900001')).toBeDefined();
    await user.click(await press('Use my recovery key'));
    await user.type(field(), kKey.join('').toLowerCase());
    expect(field().value).toBe(kKey.join('-'));
    await screen.findByText('This is a whole recovery key.');
    await user.click(await press('Bring my account back'));
    await screen.findByRole('heading', { name: 'Chats' });
    const given = core.commands.find(({ type }) => type === 'recover');
    expect(given).toMatchObject({ recovery_key: kKey.join('') });
    expect(screen.getAllByText('Your chats are coming in')).toHaveLength(2);
    expect(screen.queryByText('Who do you want to write to?')).toBeNull();
    // Whoever comes back may have lost a device.
    expect(screen.getByText(/lost or stolen, remove it under/u)).toBeDefined();
    await user.click(await press('OK'));
    expect(screen.queryByText(/lost or stolen/u)).toBeNull();
  });

  it('says what is wrong with a key: while it is typed, and when it is another one', async () => {
    const { core, user } = welcomeBack();
    await user.click(await press('Use my recovery key'));
    await user.type(field(), 'AAAA');
    expect(screen.getByText('4 of 28 letters and digits.')).toBeDefined();
    await user.click(await press('Bring my account back'));
    expect(core.commands.some(({ type }) => type === 'recover')).toBe(false);
    await user.clear(field());
    await user.paste(`U${kOther.slice(1)}`);
    expect((await screen.findByRole('alert')).textContent).toContain('mistyped somewhere');
    await user.clear(field());
    await user.paste(kOther);
    await user.click(await press('Bring my account back'));
    expect((await screen.findByRole('alert')).textContent).toContain('not the one of this account');
    expect(screen.queryByText('This is a whole recovery key.')).toBeNull();
    await user.type(field(), '{Backspace}');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is taken back from a thief only after saying what that costs', async () => {
    const { core, user } = welcomeBack();
    core.failures.set('recover', { error: 'keys_taken', message: 'Taken.' });
    await user.click(await press('Use my recovery key'));
    await user.click(field());
    await user.paste(kKey.join(''));
    await user.click(await press('Bring my account back'));
    expect((await screen.findByRole('alert')).textContent).toContain('without its other devices');
    await user.click(await press('Remove all other devices and come back'));
    await screen.findByRole('heading', { name: 'Chats' });
    const given = core.commands.filter(({ type }) => type === 'recover');
    expect(given.map((command) => 'removes_others' in command)).toEqual([false, true]);
  });

  it('begins anew only after saying what is lost', async () => {
    const { core, user } = welcomeBack();
    await user.click(await press('I have neither'));
    expect(screen.getByText(/see a new person/u)).toBeDefined();
    await user.click(await press('Back'));
    await user.click(await press('I have neither'));
    await user.click(await press('Make a new account'));
    await screen.findByLabelText('Name');
    expect(core.commands.at(-1)).toMatchObject({ type: 'register_anew' });
  });

  it('is linked with the number that was proven', async () => {
    const { core, user } = welcomeBack();
    await user.click(await press('Link to a device that you already use'));
    await screen.findByRole('list', { name: 'The code, in groups' });
    expect(core.commands.at(-1)).toMatchObject({ type: 'begin_link', phone: '+447700900001' });
  });

  it('is waited for while it comes back', () => {
    const { core } = welcomeBack();
    core.account = { ...core.account, is_recovering: true };
    act(() => core.show({ type: 'account', account: core.account }));
    expect(screen.getByRole('status').textContent).toBe('Bringing your account back…');
  });
});

describe('the key that was kept', () => {
  async function check(key: string) {
    const all = setUp();
    act(() => all.core.ready().start());
    window.location.hash = '#/you';
    await all.user.click(await press('Check your recovery key'));
    await all.user.click(field());
    await all.user.paste(key);
    return all;
  }

  it('is looked at, and is the right one', async () => {
    await check(kKey.join(' '));
    await screen.findByText('This is your recovery key.');
  });

  it('is taken from a picture, and nothing but a key is', async () => {
    const { user } = await check('K7QM');
    const choose = (says: string | null) => {
      vi.mocked(readPicture).mockResolvedValue(says);
      return user.upload(
        screen.getByLabelText('A picture of the code'),
        new File(['x'], 'code.png', { type: 'image/png' }),
      );
    };
    for (const foreign of ['https://example.org/menu', 'KITH-LINK:7K3M-9QXD-V2CB-40TF-HN6W-PZ8R', '']) {
      await choose(foreign);
      expect((await screen.findByRole('alert')).textContent).toBe(
        'This is not the QR code of a recovery key.',
      );
      expect(field().value).toBe('K7QM');
    }
    await choose(null);
    expect((await screen.findByRole('alert')).textContent).toContain('no QR code');
    await choose(kKey.join('-'));
    await screen.findByText('This is your recovery key.');
    expect(field().value).toBe(kKey.join('-'));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is looked at, and is another one', async () => {
    await check(kOther);
    await screen.findByText('This is a recovery key, but not the one of your account.');
  });
});

describe('a key as it is written', () => {
  it.each([
    ['k7qm3', 'K7QM-3'],
    ['K7QM-', 'K7QM'],
    [` ${kKey.join(' ')}\n`, kKey.join('-')],
    [kKey.join('–'), kKey.join('-')],
    [`Kith: ${kKey.join(' — ').replaceAll(' ', '')}.`, kKey.join('-')],
    [`Kith recovery key\n\n${kKey.join('-')}\n\nGroup 1: K7QM`, kKey.join('-')],
    ['', ''],
  ])('%j is %j', (text, grouped) => {
    expect(inGroups(text)).toBe(grouped);
  });

  it('shows what is too much', () => {
    expect(inGroups(`${kKey.join('')}AB`)).toBe(`${kKey.join('-')}-AB`);
  });
});
