import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kLinkCode } from '../../test-support/fake_devices';
import { press, setUp } from '../../test-support/render_app';
import { readPicture } from '../qr/read_qr';
import { go } from '../route';
import { wordsForDevice } from './device_words';

// What is in a picture needs a real canvas: the browser test reads real ones.
vi.mock('../qr/read_qr', () => ({ readPicture: vi.fn(), readQr: vi.fn() }));

afterEach(() => {
  vi.useRealTimers();
});

const kNow = new Date(2026, 4, 4, 12).getTime();
const kDay = 24 * 60 * 60 * 1000;

function openDevices() {
  const all = setUp();
  const { core } = all;
  core.ready();
  core.devices.devices = ['Firefox on Linux', 'kith on lighthouse'].map((name, at) => ({
    device: String(at).padStart(32, '0'),
    name,
    added_at: kNow,
    last_seen: kNow,
    is_this: at === 0,
  }));
  core.devices.shown.set(kLinkCode, {
    device_name: 'Safari on iPhone',
    confirmation: '4821',
    expires_at: kNow,
  });
  act(() => {
    core.start();
    go({ at: 'devices' });
  });
  return all;
}

const rows = () =>
  within(screen.getByRole('list', { name: 'Your devices' }))
    .queryAllByRole('listitem')
    .map((row) => row.querySelector('.device-name')?.textContent);

async function openDialog() {
  const all = openDevices();
  await all.user.click(await press('Link a new device'));
  return { ...all, dialog: within(await screen.findByRole('dialog', { name: 'Link a new device' })) };
}

describe('the list of devices', () => {
  it('is reached from “You”, and left to there by Escape', async () => {
    const { user } = openDevices();
    expect(await screen.findByText('kith on lighthouse')).toBeDefined();
    await user.keyboard('{Escape}');
    const link = await screen.findByRole('link', { name: 'Devices' });
    await waitFor(() => expect(document.activeElement).toBe(link));
    await user.click(link);
    expect(await screen.findByRole('heading', { name: 'Devices' })).toBeDefined();
  });

  it('begins with this one, and goes on with the newest', async () => {
    const { core } = setUp();
    core.ready();
    core.devices.devices = ['Old', 'This', 'New'].map((name, at) => ({
      device: String(at).padStart(32, '0'),
      name,
      added_at: kNow + at,
      last_seen: kNow,
      is_this: name === 'This',
    }));
    act(() => {
      core.start();
      go({ at: 'devices' });
    });
    await screen.findByText('New');
    expect(rows()).toEqual(['This', 'New', 'Old']);
  });

  it('says which is this one, and names one anew', async () => {
    const { core, user } = openDevices();
    const words = (await screen.findByText('This device')).closest('.device-words');
    expect(words?.previousSibling?.textContent).toBe('Firefox on Linux');
    await user.click(await press('Rename kith on lighthouse'));
    // The old name is selected: typing replaces it.
    await user.keyboard('The lighthouse{Enter}');
    expect(await screen.findByText('The lighthouse')).toBeDefined();
    expect(core.commands.at(-1)).toMatchObject({ type: 'rename_device', name: 'The lighthouse' });
    expect(document.activeElement).toBe(await press('Rename The lighthouse'));
  });

  it('says why it is not there, and is asked for again with the connection', async () => {
    const { core } = setUp();
    core.ready();
    core.failures.set('list_devices', { error: 'offline', message: 'x' });
    core.devices.devices = [
      { device: 'a'.repeat(32), name: 'Mine', added_at: kNow, last_seen: 0, is_this: true },
    ];
    act(() => {
      core.start('offline');
      go({ at: 'devices' });
    });
    expect((await screen.findByRole('alert')).textContent).toContain('no connection');
    act(() => core.show({ type: 'connection', state: 'online' }));
    expect(await screen.findByText('Mine')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says in words when a device was there last', () => {
    const device = { device: 'a', name: 'x', added_at: kNow - 40 * kDay, is_this: false };
    const words = (last_seen: number) => wordsForDevice({ ...device, last_seen }, kNow);
    const added = 'Added 25 March';
    expect(words(kNow)).toEqual(['Last seen today', added]);
    expect(words(kNow - kDay)).toEqual(['Last seen yesterday', added]);
    expect(words(kNow - 3 * kDay)).toEqual(['Last seen on Friday', added]);
    expect(words(kNow - 30 * kDay)).toEqual(['Last seen on 4 April 2026', added]);
    expect(words(0)).toEqual([added]);
  });
});

describe('a new device', () => {
  it('is let in by its typed code once its digits were compared', async () => {
    const { core, user, dialog } = await openDialog();
    await user.type(dialog.getByLabelText('Or type the code'), `${kLinkCode}{Enter}`);
    expect(await dialog.findByText('“Safari on iPhone”')).toBeDefined();
    expect(dialog.getByRole('status').textContent).toContain('4821');
    expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'No' }));
    expect(core.commands.some((command) => command.type === 'link_device')).toBe(false);
    await user.click(dialog.getByRole('button', { name: 'Yes, link it' }));
    expect(await dialog.findByText(/^“Safari on iPhone” is coming into your account\./u)).toBeDefined();
    expect(core.commands.filter((command) => command.type === 'link_device')).toMatchObject([
      { code: kLinkCode },
    ]);
  });

  it('appears in the list as soon as it has come', async () => {
    vi.useFakeTimers();
    openDevices();
    fireEvent.click(screen.getByRole('button', { name: 'Link a new device' }));
    fireEvent.change(screen.getByLabelText('Or type the code'), { target: { value: kLinkCode } });
    const after = async (deed: () => void, ms: number) => {
      deed();
      await act(() => vi.advanceTimersByTimeAsync(ms));
    };
    await after(() => fireEvent.click(screen.getByRole('button', { name: 'Continue' })), 1);
    await after(() => fireEvent.click(screen.getByRole('button', { name: 'Yes, link it' })), 1);
    expect(rows()).toHaveLength(2);
    await after(() => fireEvent.click(screen.getByRole('button', { name: 'OK' })), 3_000);
    expect(rows()).toEqual(['Firefox on Linux', 'Safari on iPhone', 'kith on lighthouse']);
  });

  it('may be scanned: back from the camera the focus is where it was', async () => {
    const { user, dialog } = await openDialog();
    await user.click(dialog.getByRole('button', { name: 'Scan its code' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('can’t be used');
    await user.click(dialog.getByRole('button', { name: 'Back' }));
    expect(document.activeElement).toBe(dialog.getByRole('button', { name: 'Scan its code' }));
  });

  it('is not let in by “No”', async () => {
    const { core, user, dialog } = await openDialog();
    await user.type(dialog.getByLabelText('Or type the code'), `${kLinkCode}{Enter}`);
    await user.click(await dialog.findByRole('button', { name: 'No' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(core.commands.some((command) => command.type === 'link_device')).toBe(false);
  });

  it('is looked at by the code in a picture, and a picture without one is named', async () => {
    const { core, user, dialog } = await openDialog();
    const choose = (says: string | null) => {
      vi.mocked(readPicture).mockResolvedValue(says);
      return user.upload(
        dialog.getByLabelText('A picture of its code'),
        new File(['x'], 'code.png', { type: 'image/png' }),
      );
    };
    await choose(null);
    expect((await dialog.findByRole('alert')).textContent).toContain('no QR code');
    core.devices.shown.set('KITH-LINK:X', { device_name: 'Bad \u202e', confirmation: '0007', expires_at: 0 });
    await choose('KITH-LINK:X');
    expect((await dialog.findByText(/^“Bad/u)).textContent).toBe('“Bad ”');
    expect(dialog.getByText('0007')).toBeDefined();
  });

  it.each([
    ['wrong_link_code', 'six groups of four'],
    ['not_found', 'No device shows this code now'],
    ['link_used', 'was taken up already'],
    ['link_foreign', 'for another account'],
    ['link_expired', 'has run out'],
    ['link_forged', 'does not fit it'],
    ['offline', 'no connection'],
  ])('is refused with words for %s', async (error, words) => {
    const { core, user, dialog } = await openDialog();
    const field = dialog.getByLabelText('Or type the code');
    core.failures.set('look_at_link', { error, message: 'x' });
    await user.type(field, `${kLinkCode}{Enter}`);
    expect((await dialog.findByRole('alert')).textContent).toContain(words);
    await user.type(field, '{Enter}');
    core.failures.set('link_device', { error, message: 'x' });
    await user.click(await dialog.findByRole('button', { name: 'Yes, link it' }));
    expect((await dialog.findByRole('alert')).textContent).toContain(words);
    expect(dialog.queryByText(/is coming into your account/u)).toBeNull();
  });
});
