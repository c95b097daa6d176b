import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { kLinkCode } from '../../test-support/fake_devices';
import { press, setUp } from '../../test-support/render_app';

const kWay = 'Link to a device that you already use';

async function showCode() {
  const all = setUp();
  act(() => all.core.start());
  await all.user.click(await press(kWay));
  await all.user.type(screen.getByLabelText('Phone number or e-mail'), '+447700900001');
  await all.user.click(await press('Show a code'));
  const code = await screen.findByRole('list', { name: 'The code, in groups' });
  const becomes = (change: object) => {
    const { account } = all.core;
    if (account.link === undefined) throw new Error('No code is shown.');
    all.core.account = { ...account, link: { ...account.link, ...change } };
    act(() => all.core.show({ type: 'account', account: all.core.account }));
  };
  return { ...all, code, becomes };
}

describe('linking this device', () => {
  it('shows the code of the account that was named, and the digits that the other device will show', async () => {
    const { core, code } = await showCode();
    expect(core.commands.at(-1)).toMatchObject({ type: 'begin_link', phone: '+447700900001' });
    const groups = within(code).getAllByRole('listitem');
    expect(groups.map((group) => group.textContent)).toEqual(kLinkCode.split('-'));
    expect(screen.getByRole('img', { name: 'QR code for your other device' })).toBeDefined();
    expect(screen.getByText(/^Your other device will show/u).textContent).toContain('4821');
    expect(screen.getByRole('status').textContent).toBe('Waiting for your other device…');
  });

  it('says that the code was taken up, and that another one took its place', async () => {
    const { becomes } = await showCode();
    becomes({ is_taken_up: true });
    expect(screen.getByRole('status').textContent).toContain('Say yes there if it shows 4821');
    becomes({ is_taken_up: false, code: 'AAAA-BBBB-CCCC-DDDD-EEEE-FFFF' });
    expect(screen.getByRole('status').textContent).toContain('has run out');
    expect(screen.getByText('FFFF')).toBeDefined();
  });

  it('leads straight to the chats, which are coming in, and to no recovery key', async () => {
    const { core } = await showCode();
    act(() => core.ready().start());
    expect(screen.getByRole('heading', { name: 'Chats' })).toBe(document.activeElement);
    expect(screen.getAllByText('Your chats are coming in')).toHaveLength(2);
    expect(screen.queryByText('Who do you want to write to?')).toBeNull();
  });

  it('is given up by Escape, and before a code is shown too', async () => {
    const { core, user } = await showCode();
    await user.keyboard('{Escape}');
    expect(core.commands.at(-1)).toMatchObject({ type: 'cancel_link' });
    expect(await press('Show a code')).toBeDefined();
    await user.keyboard('{Escape}');
    expect(await press('Send code')).toBeDefined();
    expect(core.account.stage).toBe('new');
  });

  it('says why the server took no address, and why the device was not linked', async () => {
    const { core, user } = setUp();
    act(() => core.start());
    await user.click(await press(kWay));
    core.failures.set('begin_link', { error: 'offline', message: 'x' });
    await user.type(screen.getByLabelText('Phone number or e-mail'), 'ada@example.org{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('no connection');
    await user.click(await press('Show a code'));
    await screen.findByRole('list', { name: 'The code, in groups' });
    act(() => core.show({ type: 'warning', code: 'link_refused', message: 'This device was not linked.' }));
    expect(screen.getByRole('alert').textContent).toContain('was not linked');
  });
});

it('a device that registers is not offered to be linked once it has asked for a code', () => {
  const { core } = setUp();
  core.account = { stage: 'code', address: '+447700900001' };
  act(() => core.start());
  expect(screen.queryByRole('button', { name: kWay })).toBeNull();
});
