import { act, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { kBo, kMira, press, setUp } from '../../test-support/render_app';
import { go } from '../route';
import { save } from './save';

vi.mock('./save', () => ({ save: vi.fn() }));
beforeEach(() => vi.mocked(save).mockClear());

function open() {
  const all = setUp();
  all.core.ready();
  act(() => all.core.start());
  return all;
}

const saved = async () => {
  await waitFor(() => expect(save).toHaveBeenCalled());
  return vi.mocked(save).mock.calls.at(-1)?.[0].text();
};

describe('a history that comes in', () => {
  const line = () => screen.queryByRole('progressbar', { name: 'Bringing your history here' });

  it('says how far it is, in the list and among the devices, until all of it is here', async () => {
    const { core, user } = open();
    expect(line()).toBeNull();
    act(() => core.show({ type: 'history', blocks_done: 2, blocks_total: 5, conversations: [] }));
    expect(line()?.textContent).toBe('Bringing your history here: 40\u00a0%');
    expect(line()?.getAttribute('aria-valuenow')).toBe('40');
    act(() => go({ at: 'devices' }));
    expect(line()).not.toBeNull();
    await user.keyboard('{Escape}{Escape}');
    act(() => core.show({ type: 'history', blocks_done: 5, blocks_total: 5, conversations: [] }));
    expect(line()).toBeNull();
  });

  it.each([
    [true, /follows them, the newest first/u],
    [false, /stays on your other devices: your history is turned off/u],
  ])('is announced to a new device where it is on: %s', (is_on, words) => {
    const { core } = setUp();
    core.account = { stage: 'linking' };
    act(() => core.start());
    core.ready();
    core.archive = is_on;
    act(() => core.start());
    expect(screen.getAllByText(words).length).toBeGreaterThan(0);
  });
});

describe('the history', () => {
  const archiving = () =>
    screen.getByRole<HTMLInputElement>('switch', { name: 'Keep my history for my devices' });

  it('is reached from “You”, and turned off after a question that says what is lost', async () => {
    const { core, user } = open();
    act(() => go({ at: 'you' }));
    await user.click(await screen.findByRole('link', { name: 'History' }));
    expect(archiving().checked).toBe(true);
    await user.click(archiving());
    const question = within(screen.getByRole('dialog', { name: 'Turn your history off?' }));
    await user.click(question.getByRole('button', { name: 'Cancel' }));
    expect(core.commands.some((command) => command.type === 'set_archive')).toBe(false);
    expect(archiving().checked).toBe(true);
    await user.click(archiving());
    await user.click(screen.getByRole('button', { name: 'Turn off' }));
    await waitFor(() => expect(archiving().checked).toBe(false));
    await user.click(archiving());
    await waitFor(() => expect(archiving().checked).toBe(true));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('stays on where it cannot be turned off, and says why', async () => {
    const { core, user } = open();
    act(() => go({ at: 'history' }));
    core.failures.set('set_archive', { error: 'offline', message: 'x' });
    await user.click(archiving());
    await user.click(screen.getByRole('button', { name: 'Turn off' }));
    expect((await screen.findByRole('alert')).textContent).toContain('no connection');
    expect(archiving().checked).toBe(true);
  });
});

describe('the export', () => {
  const dialog = () => within(screen.getByRole('dialog'));

  async function exportAll({ user }: ReturnType<typeof open>) {
    act(() => go({ at: 'history' }));
    await user.click(await press('Export my history'));
    await user.click(dialog().getByRole('button', { name: 'Export' }));
  }

  it('has all chats, each from its beginning, whatever the size of a page', async () => {
    const all = open();
    act(() => {
      for (let n = 1; n <= 450; n++) all.core.receives(kBo, `Message ${n}`, n * 60_000);
      all.core.sends(kMira, 'Hello', 'read', 500 * 60_000);
      all.core.groups.found({ name: 'Boat', members: [kBo, kMira], at: 1_000 * 60_000 });
    });
    await exportAll(all);
    const text = (await saved()) ?? '';
    expect(await dialog().findByText(/^451 messages are in/u)).toBeDefined();
    expect(text).toContain('Kith: what Ada Lovelace has written and read\n');
    expect([...text.matchAll(/^== (.*) ==$/gmu)].map((match) => match[1])).toEqual([
      'Boat',
      'Mira',
      'Bo Lindqvist',
    ]);
    const numbers = [...text.matchAll(/Bo Lindqvist: Message (\d+)$/gmu)].map((match) => Number(match[1]));
    expect(numbers).toEqual(Array.from({ length: 450 }, (_, at) => at + 1));
    expect(text).toMatch(/^== Boat ==\nYou, Bo Lindqvist, Mira\n.*\n\n.* {2}\* You created the group\n/mu);
  });

  it('of one chat is in what is told about its person', async () => {
    const { core, user } = open();
    act(() => {
      core.receives(kBo, 'from Bo');
      core.receives(kMira, 'from Mira');
      core.start();
      go({ at: 'chat', user: kBo, info: true });
    });
    await user.click(await press('Export this chat'));
    await user.click(dialog().getByRole('button', { name: 'Export' }));
    const text = await saved();
    expect(text).toContain('Bo Lindqvist: from Bo');
    expect(text).not.toContain('from Mira');
    expect(dialog().getByText(/^1 message is in the file/u)).toBeDefined();
    await user.click(await dialog().findByRole('button', { name: 'Save again' }));
    expect(save).toHaveBeenCalledTimes(2);
  });

  it('ends where it is cancelled, and saves nothing', async () => {
    const all = open();
    act(() => void all.core.receives(kBo, 'hello'));
    const answers: (() => void)[] = [];
    const run = all.store.run.bind(all.store);
    vi.spyOn(all.store, 'run').mockImplementation((body) =>
      body.type === 'list_messages'
        ? new Promise((resolve) => answers.push(() => resolve(run(body))))
        : run(body),
    );
    await exportAll(all);
    expect(await dialog().findByText('0 messages')).toBeDefined();
    await all.user.click(dialog().getByRole('button', { name: 'Cancel' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    await act(async () => {
      answers.forEach((answer) => answer());
      await Promise.resolve();
    });
    expect(save).not.toHaveBeenCalled();
  });

  it('says why it does not work, and can be tried again', async () => {
    const all = open();
    act(() => void all.core.receives(kBo, 'hello'));
    all.core.failures.set('list_messages', { error: 'internal', message: 'the disk is full' });
    await exportAll(all);
    expect((await dialog().findByRole('alert')).textContent).toContain('The disk is full.');
    expect(save).not.toHaveBeenCalled();
    await all.user.click(dialog().getByRole('button', { name: 'Export' }));
    expect(await saved()).toContain('hello');
  });

  it('says that more is to come while the history comes in', async () => {
    const { core, user } = open();
    act(() => {
      core.show({ type: 'history', blocks_done: 1, blocks_total: 2, conversations: [] });
      go({ at: 'history' });
    });
    await user.click(await press('Export my history'));
    expect(dialog().getByText(/^Your history is still coming in/u)).toBeDefined();
  });
});
