import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { conversationOf, kCode, kKey } from '../test-support/fake_core';
import { kBo, kMira, press, setUp } from '../test-support/render_app';

describe('the first run', () => {
  it('leads from a number to a first chat', async () => {
    const { core, user } = setUp();
    act(() => core.start());
    await user.type(screen.getByLabelText('Phone number or e-mail'), '+447700900001');
    await user.click(await press('Send code'));
    await user.type(await screen.findByLabelText('Code'), kCode);
    await user.type(await screen.findByLabelText('Name'), 'Ada');
    await user.click(await press('Continue'));
    const key = within(await screen.findByRole('list', { name: 'Recovery key' }));
    expect(key.getAllByRole('listitem').map((item) => item.textContent.slice(1))).toEqual(kKey);
    await user.click(await press('I’ve saved it'));
    for (const field of screen.getAllByLabelText(/^Group/u)) {
      const label = document.querySelector(`label[for="${field.id}"]`)?.textContent ?? '';
      await user.type(field, (kKey[Number(/\d/u.exec(label)?.[0]) - 1] ?? '').toLowerCase());
    }
    await user.click(await press('Continue'));
    await user.type(await screen.findByLabelText('Phone number or e-mail'), '+46701740605');
    await user.click(await press('Find'));
    expect(await screen.findByLabelText('Message to Bo Lindqvist')).toBeDefined();
  });

  it('says what is wrong with a code, and empties the field', async () => {
    const { core, user } = setUp();
    core.account = { stage: 'code', address: '+447700900001' };
    act(() => core.start());
    core.failures.set('confirm_code', { error: 'wrong_code', message: 'x', attempts_left: 4 });
    await user.type(screen.getByLabelText('Code'), '000000');
    expect((await screen.findByRole('alert')).textContent).toBe(
      'That is not the code we sent. 4 tries are left.',
    );
    expect(screen.getByLabelText<HTMLInputElement>('Code').value).toBe('');
  });

  it('refuses wrong groups of the recovery key and keeps asking', async () => {
    const { core, user } = setUp();
    core.account = { stage: 'recovery_key', recovery_key: kKey };
    act(() => core.start());
    await user.click(await press('I’ve saved it'));
    for (const field of screen.getAllByLabelText(/^Group/u)) await user.type(field, 'AAAA');
    await user.click(await press('Continue'));
    expect((await screen.findByRole('alert')).textContent).toContain('not right');
    expect(screen.getAllByLabelText(/^Group/u)).toHaveLength(2);
  });

  it('asks the server for nothing that is neither number nor e-mail', async () => {
    const { core, user } = setUp();
    act(() => core.start());
    await user.type(screen.getByLabelText('Phone number or e-mail'), 'Ada');
    await user.click(await press('Send code'));
    expect(screen.getByRole('alert').textContent).toContain('country code');
    expect(core.commands).toEqual([]);
  });
});

describe('a chat', () => {
  async function open() {
    const all = setUp();
    all.core.ready();
    act(() => {
      all.core.receives(kBo, 'hello there');
      all.core.start();
    });
    await all.user.click(screen.getByRole('link', { name: /Bo Lindqvist/u }));
    return { ...all, composer: await screen.findByLabelText('Message to Bo Lindqvist') };
  }

  it('shows a message through all its ticks', async () => {
    const { core, user, composer } = await open();
    await user.type(composer, 'hi Bo{Enter}');
    const list = within(screen.getByRole('log'));
    const message = (await list.findByText('hi Bo')).closest('[role="article"]');
    const tick = () => message?.querySelector('[role="img"]')?.getAttribute('aria-label');
    expect(tick()).toBe('Waiting to be sent');
    const sent = core.commands.find((command) => command.type === 'send');
    expect(sent).toMatchObject({ user: kBo, text: 'hi Bo' });
    expect((composer as HTMLTextAreaElement).value).toBe('');
  });

  it('keeps the text when it could not be taken, and says why', async () => {
    const { core, user, composer } = await open();
    core.failures.set('send', { error: 'too_large', message: 'x' });
    await user.type(composer, 'much{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('too long');
    expect((composer as HTMLTextAreaElement).value).toBe('much');
  });

  it('makes a new line with Shift and Enter', async () => {
    const { core, user, composer } = await open();
    await user.type(composer, 'one{Shift>}{Enter}{/Shift}two');
    expect((composer as HTMLTextAreaElement).value).toBe('one\ntwo');
    expect(core.commands.some((command) => command.type === 'send')).toBe(false);
  });

  it('offers to try a failed message again', async () => {
    const { core, user } = await open();
    act(() => void core.sends(kBo, 'lost', 'failed'));
    await user.click(await press('Try again'));
    expect(core.commands.at(-1)).toMatchObject({ type: 'retry' });
  });

  it('warns when the person’s identity changed', async () => {
    const { core } = await open();
    act(() =>
      core.show({ type: 'contact', contact: { user: kBo, name: 'Bo Lindqvist', identity_changed: true } }),
    );
    expect(screen.getByRole('alert').textContent).toContain('identity has changed');
  });

  it('says what the core warns of, until it is put away', async () => {
    const { core, user } = await open();
    const conversation = conversationOf(kBo);
    act(() => core.show({ type: 'warning', code: 'log_forked', message: 'x', conversation }));
    expect(screen.getByRole('alert').textContent).toContain('different messages to different people');
    await user.click(await press('OK'));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('shows text as text', async () => {
    const { core } = await open();
    act(() => void core.receives(kBo, '<img src=x onerror=alert(1)>'));
    expect(await within(screen.getByRole('log')).findByText('<img src=x onerror=alert(1)>')).toBeDefined();
    expect(document.querySelector('.bubble img')).toBeNull();
  });
});

describe('the frame', () => {
  it('answers its keys', async () => {
    const { core, user } = setUp();
    core.ready();
    act(() => {
      core.receives(kBo, 'one', 1000);
      core.receives(kMira, 'two', 2000);
      core.start();
    });
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(await screen.findByLabelText('Message to Mira')).toBeDefined();
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(await screen.findByLabelText('Message to Bo Lindqvist')).toBeDefined();
    await user.keyboard('{Escape}n');
    expect(await screen.findByRole('heading', { name: 'New chat' })).toBeDefined();
    await user.keyboard('{Escape}');
    await user.click(document.body);
    await user.keyboard('?');
    expect(await screen.findByRole('heading', { name: 'Keyboard' })).toBeDefined();
  });

  it('says that another tab has Kith, and takes it here on request', async () => {
    const { core, user } = setUp();
    act(() => core.say({ kind: 'held_elsewhere' }));
    expect(screen.getByRole('heading', { name: 'Kith is open in another tab' })).toBeDefined();
    core.ready();
    await user.click(await press('Use here'));
    expect(core.taken).toBe(true);
    expect(await screen.findByRole('heading', { name: 'Chats' })).toBeDefined();
  });

  it('counts unread messages in the title', () => {
    const { core } = setUp();
    core.ready();
    act(() => {
      core.receives(kBo, 'one');
      core.receives(kBo, 'two');
      core.start();
    });
    expect(document.title).toBe('(2) Kith');
  });
});
