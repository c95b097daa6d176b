import { act, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kKey } from '../../test-support/fake_core';
import { press, setUp } from '../../test-support/render_app';
import { inGroups } from './spelling';

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
    await user.type(field(), '{Backspace}');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('begins anew only after saying what is lost', async () => {
    const { core, user } = welcomeBack();
    await user.click(await press('I have neither'));
    expect(screen.getByText(/sees a new person/u)).toBeDefined();
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
  }

  it('is looked at, and is the right one', async () => {
    await check(kKey.join(' '));
    await screen.findByText('This is your recovery key.');
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
    [`Kith recovery key\n\n${kKey.join('-')}\n\nGroup 1: K7QM`, kKey.join('-')],
    ['', ''],
  ])('%j is %j', (text, grouped) => {
    expect(inGroups(text)).toBe(grouped);
  });

  it('shows what is too much', () => {
    expect(inGroups(`${kKey.join('')}AB`)).toBe(`${kKey.join('-')}-AB`);
  });
});
