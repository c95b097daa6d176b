import { act, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { conversationOf } from '../../test-support/fake_core';
import { kBo, press, setUp } from '../../test-support/render_app';
import { readPicture } from '../qr/read_qr';
import { go } from '../route';

// What is in a picture needs a real canvas: the browser test reads real ones.
vi.mock('../qr/read_qr', () => ({
  readPicture: vi.fn(),
  readQr: vi.fn(() => Promise.resolve('kith-safety:AQ')),
}));

afterEach(() => {
  vi.clearAllMocks();
  Reflect.deleteProperty(navigator, 'mediaDevices');
});

async function open() {
  const { core, user } = setUp();
  core.ready();
  act(() => {
    core.receives(kBo, 'hello');
    core.start();
    go({ at: 'chat', user: kBo, info: true });
  });
  await user.click(await press(/^Safety number/u));
  return { core, user, dialog: within(await screen.findByRole('dialog', { name: 'Safety number' })) };
}

async function choosePicture(user: Awaited<ReturnType<typeof open>>['user'], says: string | null) {
  vi.mocked(readPicture).mockResolvedValue(says);
  await user.upload(
    screen.getByLabelText('A picture of their code'),
    new File(['x'], 'code.png', { type: 'image/png' }),
  );
}

describe('a safety number', () => {
  it('is shown in twelve groups and as a QR code', async () => {
    const { dialog } = await open();
    const groups = within(await dialog.findByRole('list')).getAllByRole('listitem');
    expect(groups.map((group) => group.textContent)).toEqual(
      Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? '01234' : '56789')),
    );
    expect(dialog.getByRole('img', { name: 'QR code of this safety number' })).toBeDefined();
  });

  it('is marked as verified, which shows by the name, and taken back', async () => {
    const { user, dialog } = await open();
    expect(screen.getByText('Not verified')).toBeDefined();
    await user.click(await dialog.findByRole('button', { name: 'Mark as verified' }));
    expect(await dialog.findByText(/is verified/u)).toBeDefined();
    expect(screen.getAllByTitle('Verified: you compared safety numbers').length).toBeGreaterThan(1);
    await user.click(dialog.getByRole('button', { name: 'Not any more' }));
    expect(await screen.findByText('Not verified')).toBeDefined();
  });

  it('is compared with the code in a picture', async () => {
    const { core, user, dialog } = await open();
    await choosePicture(user, 'kith-safety:AQ');
    expect((await dialog.findByRole('status')).textContent).toContain('are the same, and so is the chat');
    expect(core.commands.at(-1)).toMatchObject({
      type: 'compare_safety_number',
      user: kBo,
      scanned: 'kith-safety:AQ',
    });
  });

  it('says in which way it differs', async () => {
    const { core, user, dialog } = await open();
    core.comparison = { matches: false, identity: 'same', log: 'forked' };
    await choosePicture(user, 'kith-safety:AQ');
    expect((await dialog.findByRole('alert')).textContent).toContain('shows this chat differently');
    core.comparison = { matches: false, identity: 'theirs_differs', log: 'none' };
    await choosePicture(user, 'kith-safety:AQ');
    expect(await dialog.findByText(/is not the one on their device/u)).toBeDefined();
  });

  it('says that there is no code, or another one', async () => {
    const { core, user, dialog } = await open();
    await choosePicture(user, null);
    expect((await dialog.findByRole('alert')).textContent).toContain('no QR code');
    core.failures.set('compare_safety_number', { error: 'not_a_safety_number', message: 'x' });
    await choosePicture(user, 'https://example.org');
    expect(await dialog.findByText('This is not the QR code of a safety number.')).toBeDefined();
  });

  it('is scanned by the camera, which is put away again', async () => {
    const stop = vi.fn();
    const getUserMedia = vi.fn(() => Promise.resolve({ getTracks: () => [{ stop }] }));
    Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    const { user, dialog } = await open();
    await user.click(dialog.getByRole('button', { name: 'Scan their code' }));
    expect((await dialog.findByRole('status')).textContent).toContain('are the same');
    expect(stop).toHaveBeenCalled();
  });

  it('says that there is no camera', async () => {
    const { user, dialog } = await open();
    await user.click(dialog.getByRole('button', { name: 'Scan their code' }));
    expect((await dialog.findByRole('alert')).textContent).toContain('can’t be used');
    await user.click(dialog.getByRole('button', { name: 'Back' }));
    expect(await dialog.findByRole('button', { name: 'Mark as verified' })).toBeDefined();
  });
});

describe('a changed identity', () => {
  it('is a line in the chat and a warning, from which it is accepted', async () => {
    const { core, user } = setUp();
    core.ready();
    act(() => {
      core.receives(kBo, 'hello');
      core.start();
      go({ at: 'chat', user: kBo, info: false });
    });
    await screen.findByRole('log');
    act(() => {
      core.loses(kBo, { kind: 'identity_changed', user: kBo });
      core.know(kBo, { identity_changed: true });
    });
    expect(
      await screen.findByText('Bo Lindqvist’s identity has changed. Compare safety numbers.'),
    ).toBeDefined();
    await user.click(await press('Accept new identity'));
    await user.click(await press('Accept'));
    expect(core.commands.at(-1)).toMatchObject({ type: 'accept_identity', user: kBo });
    expect(screen.queryByText(/Ask them in another way/u)).toBeNull();
  });

  it('is led from a new chat to the safety number', async () => {
    const { core, user } = setUp();
    core.ready();
    act(() => {
      core.start();
      core.know(kBo, {});
      go({ at: 'chat', user: kBo, info: false });
    });
    expect(
      core.commands.some(
        (command) => 'conversation' in command && command.conversation === conversationOf(kBo),
      ),
    ).toBe(false);
    await user.click(await press('Compare safety numbers'));
    expect(await screen.findByRole('dialog', { name: 'Safety number' })).toBeDefined();
  });
});
