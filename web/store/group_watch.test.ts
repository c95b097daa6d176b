import { describe, expect, it, vi } from 'vitest';
import type { Group } from '../../schema/core';
import { FakeCore, kMe } from '../test-support/fake_core';
import { CommandFailed } from './commands';
import { GroupWatch } from './group_watch';
import { Store } from './store';

const kBo = '018fa1a1a1a1a1a1a1a1a1a1a1a1a1a1';

function setUp() {
  const core = new FakeCore();
  const store = new Store(core);
  core.knows({ user: kBo, name: 'Bo', address: '+46701740605' });
  core.ready().start();
  const conversation = core.groups.found({ name: 'Boat', members: [kBo] });
  const known = () => store.getState().groups.get(conversation);
  const asked = () => core.commands.filter((command) => command.type === 'group_info').length;
  return { core, store, conversation, known, asked };
}

describe('a group that is looked at', () => {
  it('is asked for, and again whenever it has changed', async () => {
    const { core, store, conversation, known, asked } = setUp();
    store.watchGroup(conversation);
    await vi.waitFor(() => expect(known()?.group?.name).toBe('Boat'));
    core.groups.change(conversation, kBo, [{ what: 'name', name: 'Ship' }]);
    await vi.waitFor(() => expect(known()?.group?.name).toBe('Ship'));
    expect(asked()).toBe(2);
  });

  it('is asked for no more once nobody looks', async () => {
    const { core, store, conversation, known, asked } = setUp();
    const one = store.watchGroup(conversation);
    const other = store.watchGroup(conversation);
    one();
    core.groups.change(conversation, kBo, [{ what: 'description' }]);
    other();
    core.groups.change(conversation, kBo, [{ what: 'description' }]);
    await vi.waitFor(() => expect(known()?.group).toBeDefined());
    expect(asked()).toBe(3);
  });

  it('stays as it was known when it cannot be asked for, with the reason', async () => {
    const { core, store, conversation, known } = setUp();
    store.watchGroup(conversation);
    await vi.waitFor(() => expect(known()?.group?.name).toBe('Boat'));
    core.failures.set('group_info', { error: 'offline', message: 'x' });
    core.show({ type: 'group_changed', conversation });
    await vi.waitFor(() => expect(known()?.error?.error).toBe('offline'));
    expect(known()?.group?.name).toBe('Boat');
  });

  it('is shown as the last answer says, even when an older one comes after it', async () => {
    const answers: ((name: string) => void)[] = [];
    const shown: string[] = [];
    const watch = new GroupWatch(
      () => new Promise((resolve) => answers.push((name) => resolve({ group: { name } as Group }))),
      (_conversation, answer) =>
        void shown.push(answer instanceof CommandFailed ? answer.error : answer.name),
    );
    watch.look('c');
    watch.take([{ type: 'group_changed', conversation: 'c' }]);
    answers[1]?.('new');
    await vi.waitFor(() => expect(shown).toEqual(['new']));
    answers[0]?.('old');
    watch.take([{ type: 'group_changed', conversation: 'c' }]);
    answers[2]?.('newest');
    await vi.waitFor(() => expect(shown).toContain('newest'));
    expect(shown).toEqual(['new', 'newest']);
  });
});

describe('the contacts', () => {
  it('are other people, although the user is a member of every group too', () => {
    const { core, store } = setUp();
    const me = { type: 'contact', contact: { user: kMe, name: 'Ada Lovelace' } } as const;
    core.show(me);
    expect([...store.getState().contacts.keys()]).toEqual([kBo]);
    core.say({ kind: 'starting' });
    core.show(me);
    core.start();
    expect([...store.getState().contacts.keys()]).toEqual([kBo]);
  });
});
