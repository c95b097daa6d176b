import { describe, expect, it, vi } from 'vitest';
import { conversationOf, FakeCore } from '../test-support/fake_core';
import { CommandFailed } from './commands';
import { chatsNewestFirst, chatsPutAway, chatWith, listedChats, peopleByName, totalUnread } from './select';
import type { Connection } from './state';
import { Store } from './store';

const kBo = '018fa1a1a1a1a1a1a1a1a1a1a1a1a1a1';
const kMira = '018fb2b2b2b2b2b2b2b2b2b2b2b2b2b2';

function setUp() {
  const core = new FakeCore();
  const store = new Store(core);
  core.knows({ user: kBo, name: 'Bo', address: '+46701740605' });
  core.knows({ user: kMira, name: 'Mira', address: '+447700900123' });
  return { core, store };
}

describe('going back to a message', () => {
  async function long(count: number) {
    const { core, store } = setUp();
    core.ready().start();
    for (let index = 1; index <= count; index++) core.receives(kBo, `${index}`);
    await store.openThread(conversationOf(kBo));
    const texts = () =>
      store
        .getState()
        .threads.get(conversationOf(kBo))
        ?.messages.map((each) => each.text);
    const back = (to: number) =>
      store.loadBackTo(conversationOf(kBo), core.messageAt(conversationOf(kBo), to).id);
    return { core, store, texts, back };
  }

  it('loads what lies between, and the way to the end leads through all of it', async () => {
    const { store, texts, back } = await long(900);
    expect(await back(890)).toBe('here');
    expect(texts()?.at(0)).toBe('851');
    expect(await back(120)).toBe('here');
    expect(texts()).toContain('120');
    expect(texts()?.length).toBeLessThanOrEqual(300);
    const seen = new Set(texts());
    for (let page = 0; page < 30 && !seen.has('900'); page++) {
      await store.loadNewer(conversationOf(kBo));
      texts()?.forEach((text) => seen.add(text));
    }
    for (let index = 120; index <= 900; index++) expect(seen.has(`${index}`)).toBe(true);
  });

  it('moves nothing where the message is not here, or cannot be asked for', async () => {
    const { core, store, texts, back } = await long(400);
    expect(await store.loadBackTo(conversationOf(kBo), 'f'.repeat(32))).toBe('gone');
    expect(texts()?.at(0)).toBe('351');
    core.failures.set('list_messages', { error: 'internal', message: '' });
    expect(await back(20)).toBe('gone');
    expect(texts()?.at(0)).toBe('351');
    expect(await back(20)).toBe('here');
  });

  it('waits for the page that is being loaded', async () => {
    const { store, texts, back } = await long(400);
    void store.loadOlder(conversationOf(kBo));
    expect(await back(320)).toBe('here');
    expect(texts()?.at(0)).toBe('301');
  });
});

describe('the store', () => {
  it('answers each command with its own result', async () => {
    const { core, store } = setUp();
    core.ready().start();
    const [bo, mira] = await Promise.all([
      store.run({ type: 'find_contact', phone: '+46701740605' }),
      store.run({ type: 'find_contact', phone: '+447700900123' }),
    ]);
    expect([bo.contact.name, mira.contact.name]).toEqual(['Bo', 'Mira']);
  });

  it('rejects a command that failed, with the reason', async () => {
    const { core, store } = setUp();
    core.failures.set('register', { error: 'rate_limited', message: 'slow down', retry_after_ms: 3000 });
    const attempt = store.run({ type: 'register', phone: '+1' });
    await expect(attempt).rejects.toMatchObject({ error: 'rate_limited', retryAfterMs: 3000 });
    await expect(attempt).rejects.toBeInstanceOf(CommandFailed);
  });

  it('lets go of commands that nobody will answer once the core has stopped', async () => {
    const { core, store } = setUp();
    core.ready().start();
    const attempt = store.run({ type: 'list_chats' });
    core.show({ type: 'stopped', reason: 'taken_over', message: '' });
    await expect(attempt).rejects.toMatchObject({ error: 'stopped' });
    expect(store.getState().life).toMatchObject({ kind: 'stopped', reason: 'taken_over' });
  });

  it('sorts chats by their last message and counts what is unread', () => {
    const { core, store } = setUp();
    core.ready().start();
    core.receives(kBo, 'one', 1000);
    core.receives(kMira, 'two', 2000);
    core.receives(kBo, 'three', 3000);
    expect(chatsNewestFirst(store.getState()).map((chat) => chat.title)).toEqual(['Bo', 'Mira']);
    expect(totalUnread(store.getState())).toBe(3);
  });

  it('lists pinned chats before the others, and leaves out those that are put away, also of what is unread', async () => {
    const { core, store } = setUp();
    core.ready().start();
    core.receives(kBo, 'one', 1000);
    core.receives(kMira, 'two', 2000);
    const titles = (chats: typeof listedChats) => chats(store.getState()).map((chat) => chat.title);
    await store.run({ type: 'pin_chat', conversation: conversationOf(kBo), is_pinned: true });
    expect(titles(listedChats)).toEqual(['Bo', 'Mira']);
    await store.run({ type: 'put_away', conversation: conversationOf(kMira), is_put_away: true });
    expect(titles(listedChats)).toEqual(['Bo']);
    expect(titles(chatsPutAway)).toEqual(['Mira']);
    expect(totalUnread(store.getState())).toBe(1);
  });

  it('knows how much of an old history is here until all of it is', () => {
    const { core, store } = setUp();
    core.ready().start();
    core.show({ type: 'history', blocks_done: 2, blocks_total: 5, conversations: [] });
    expect(store.getState().history).toEqual({ done: 2, total: 5 });
    core.show({ type: 'history', blocks_done: 5, blocks_total: 5, conversations: [] });
    expect(store.getState().history).toBeNull();
  });

  it('shows what has come into an open chat from before, at its place', async () => {
    const { core, store } = setUp();
    core.ready().start();
    core.receives(kBo, 'now', 3000);
    await store.openThread(conversationOf(kBo));
    core.comesLate(kBo, ['long ago', 'before'], 1000);
    const texts = () =>
      store
        .getState()
        .threads.get(conversationOf(kBo))
        ?.messages.map(({ text }) => text);
    expect(texts()).toEqual(['now']);
    const conversations = [conversationOf(kBo), conversationOf(kMira)];
    core.show({ type: 'history', blocks_done: 1, blocks_total: 2, conversations });
    await vi.waitFor(() => expect(texts()).toEqual(['long ago', 'before', 'now']));
    expect(store.getState().threads.has(conversationOf(kMira))).toBe(false);
  });

  it('knows people by their address or a chat with them, not from a group alone', () => {
    const { core, store } = setUp();
    const met = '018fd4d4d4d4d4d4d4d4d4d4d4d4d4d4';
    core.knows({ user: met, name: 'Bo' });
    core.ready().start();
    core.groups.found({ name: 'Boat', members: [kBo, met] });
    const known = () => peopleByName(store.getState()).map((one) => one.user);
    expect(known()).toEqual([kBo]);
    expect(store.getState().contacts.get(met)?.name).toBe('Bo');
    core.receives(met, 'hello', 1000);
    expect(known()).toEqual([kBo, met]);
    expect(peopleByName(store.getState())).toBe(peopleByName(store.getState()));
  });

  it('shows receipts in the open chat and in the list', async () => {
    const { core, store } = setUp();
    core.ready().start();
    const first = core.sends(kBo, 'hello', 'sent');
    await store.openThread(conversationOf(kBo));
    core.receipts(kBo, first.seq ?? 0, 0);
    const thread = () => store.getState().threads.get(conversationOf(kBo));
    expect(thread()?.messages[0]?.state).toBe('delivered');
    expect(chatWith(store.getState(), kBo)?.last_message?.state).toBe('delivered');
    core.receipts(kBo, first.seq ?? 0, first.seq ?? 0);
    expect(thread()?.messages[0]?.state).toBe('read');
  });

  it('knows since when the server is away, over all tries to reach it', () => {
    let now = 1000;
    const core = new FakeCore();
    const store = new Store(core, () => now);
    const connection = (state: Connection) => core.show({ type: 'connection', state });
    expect(store.getState().awaySince).toBe(1000);
    connection('online');
    expect(store.getState().awaySince).toBeNull();
    now = 5000;
    connection('offline');
    now = 9000;
    connection('connecting');
    connection('offline');
    expect(store.getState().awaySince).toBe(5000);
  });

  it('knows since when this device was linked, and of no account that was there before', () => {
    const core = new FakeCore();
    const store = new Store(core, () => 5000);
    core.ready().start();
    expect(store.getState().linkedAt).toBeNull();
    core.account = { stage: 'linking' };
    core.start();
    core.ready().start();
    core.start();
    expect(store.getState().linkedAt).toBe(5000);
  });

  it('begins anew when another core starts', async () => {
    const { core, store } = setUp();
    core.ready().start();
    core.receives(kBo, 'hello');
    await store.openThread(conversationOf(kBo));
    core.say({ kind: 'starting' });
    expect(store.getState().threads.size).toBe(0);
    expect(store.getState().chats.size).toBe(0);
  });

  it('ignores events of a later version', () => {
    const { core, store } = setUp();
    core.ready().start();
    const before = store.getState();
    core.show({ type: 'from_the_future', what: 1 } as never);
    expect(store.getState()).toEqual(before);
  });
});
