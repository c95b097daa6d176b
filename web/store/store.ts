// The store: the one value that the user interface renders from (state.ts), and the commands it can give. Owns the numbering of
// commands and their answers. Knows nothing of protocol, keys or storage: all of that is behind the port.

import type { Event, Id, Message, Millis } from '../../schema/core';
import type { FromWorker } from '../core-worker/messages';
import { CommandFailed } from './commands';
import type { CommandBody, Results } from './commands';
import type { CorePort } from './core_port';
import { Drafts } from './drafts';
import { GroupWatch } from './group_watch';
import { changeThread, initialState, reduce, setGroup } from './state';
import type { Notice, State } from './state';
import * as threads from './thread';
import type { PageRequest, Thread } from './thread';

// How far back a message is looked for: less than the window at a time, so that it stays in it.
const kPageBack = 250;
const kMostPagesBack = 40;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: CommandFailed) => void;
}

export class Store {
  // What was begun in a chat and not sent.
  readonly drafts = new Drafts();
  // And the message that it answers, for as long as the tab lives.
  readonly answered = new Map<Id, Message>();

  private state_: State;
  private nextId_ = 1;
  private readonly waiting_ = new Map<number, Waiting>();
  private readonly listeners_ = new Set<() => void>();
  private readonly alerted_ = new Set<(message: Message) => void>();
  private readonly groups_ = new GroupWatch(
    (conversation) => this.run({ type: 'group_info', conversation }),
    (conversation, answer) => this.set(setGroup(this.state_, conversation, answer)),
  );

  constructor(
    private readonly port_: CorePort,
    private readonly now_: () => Millis = () => Date.now(),
  ) {
    this.state_ = initialState(now_());
    port_.listen((message) => this.take(message));
  }

  readonly getState = (): State => this.state_;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners_.add(listener);
    return () => this.listeners_.delete(listener);
  };

  // Calls for each message that the user is to be told of, until the result is called.
  onAlert(alerted: (message: Message) => void): () => void {
    this.alerted_.add(alerted);
    return () => this.alerted_.delete(alerted);
  }

  // Gives a command to the core. Rejects with CommandFailed.
  run<T extends CommandBody>(body: T): Promise<Results[T['type']]> {
    const id = this.nextId_++;
    return new Promise<Results[T['type']]>((resolve, reject) => {
      this.waiting_.set(id, { resolve: (result) => resolve(result as Results[T['type']]), reject });
      this.port_.post({ kind: 'command', command: { ...body, id } });
    });
  }

  // A command whose answer changes nothing here: what it does shows in events, and a refusal needs no words.
  tell(body: CommandBody): void {
    this.run(body).catch(() => undefined);
  }

  // The user has seen a notice: it and its like go.
  putAway(notice: Notice): void {
    const notices = this.state_.notices.filter(
      (each) => each.conversation !== notice.conversation || each.code !== notice.code,
    );
    this.set({ ...this.state_, notices });
  }

  takeOver(): void {
    this.port_.post({ kind: 'take_over' });
  }

  // Somebody looks at a group: what is known of it is in the state, and kept right until the result is called.
  watchGroup(conversation: Id): () => void {
    return this.groups_.look(conversation);
  }

  async openThread(conversation: Id): Promise<void> {
    const known = this.state_.threads.get(conversation);
    if (known?.loaded === true || known?.loading === 'older') return;
    this.setThread({ ...threads.emptyThread(conversation), loading: 'older' });
    await this.fetchPage(conversation, { limit: threads.kPageSize }, threads.addOlder);
  }

  closeThread(conversation: Id): void {
    this.set(changeThread(this.state_, conversation, threads.trimmed));
  }

  async loadOlder(conversation: Id): Promise<void> {
    const thread = this.state_.threads.get(conversation);
    if (thread === undefined || !thread.loaded || !thread.more || thread.loading !== null) return;
    this.setThread({ ...thread, loading: 'older' });
    await this.fetchPage(conversation, threads.olderPage(thread), threads.addOlder);
  }

  async loadNewer(conversation: Id): Promise<void> {
    const thread = this.state_.threads.get(conversation);
    if (thread === undefined || threads.atEnd(thread) || thread.loading !== null) return;
    this.setThread({ ...thread, loading: 'newer' });
    await this.fetchPage(conversation, threads.newerPage(thread), threads.addNewer);
  }

  async loadNewest(conversation: Id): Promise<void> {
    const thread = this.state_.threads.get(conversation);
    if (thread === undefined || threads.atEnd(thread) || thread.loading !== null) return;
    this.setThread({ ...thread, loading: 'newer' });
    await this.fetchPage(conversation, { limit: threads.kPageSize }, threads.newestOnly);
  }

  // Loads earlier messages until this one is among them, and shows them all at once; otherwise nothing moves.
  async loadBackTo(conversation: Id, id: Id): Promise<'here' | 'gone' | 'too_far'> {
    const thread = await this.settled(conversation);
    if (thread === undefined) return 'gone';
    if (thread.messages.some((message) => message.id === id)) return 'here';
    this.setThread({ ...thread, loading: 'older' });
    const pages: { messages: Message[]; more: boolean }[] = [];
    let { more } = thread;
    let before = thread.messages[0]?.order;
    let found = false;
    try {
      while (more && !found && pages.length < kMostPagesBack) {
        const limit = kPageBack;
        const page = await this.run({
          type: 'list_messages',
          conversation,
          limit,
          ...(before !== undefined && { before }),
        });
        pages.push(page);
        found = page.messages.some((message) => message.id === id);
        before = page.messages[0]?.order;
        more = page.more && before !== undefined;
      }
    } catch {
      more = false;
    }
    const add = (to: Thread) =>
      found
        ? pages.reduce((grown, page) => threads.addOlder(grown, page.messages, page.more), to)
        : { ...to, loading: null };
    this.set(changeThread(this.state_, conversation, add));
    return found ? 'here' : more ? 'too_far' : 'gone';
  }

  // Messages of before have come into a chat: those of them that belong into its window.
  private async renew(conversation: Id): Promise<void> {
    const thread = await this.settled(conversation);
    if (thread?.loaded !== true) return;
    this.setThread({ ...thread, loading: 'older' });
    await this.fetchPage(conversation, threads.samePage(thread), threads.renewed);
  }

  // The thread, once nothing of it is being loaded.
  private settled(conversation: Id): Promise<Thread | undefined> {
    const now = () => this.state_.threads.get(conversation);
    if (now()?.loading == null) return Promise.resolve(now());
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        if (now()?.loading != null) return;
        stop();
        resolve(now());
      });
    });
  }

  private async fetchPage(
    conversation: Id,
    page: PageRequest,
    add: (thread: Thread, messages: Message[], more: boolean) => Thread,
  ): Promise<void> {
    try {
      const { messages, more } = await this.run({ type: 'list_messages', conversation, ...page });
      this.set(changeThread(this.state_, conversation, (thread) => add(thread, messages, more)));
    } catch {
      this.set(changeThread(this.state_, conversation, (thread) => ({ ...thread, loading: null })));
    }
  }

  private setThread(thread: Thread): void {
    this.set({ ...this.state_, threads: new Map(this.state_.threads).set(thread.conversation, thread) });
  }

  private set(state: State): void {
    if (state === this.state_) return;
    this.state_ = state;
    for (const listener of this.listeners_) listener();
  }

  private take(message: FromWorker): void {
    const next = reduce(this.state_, message, this.now_());
    this.keepDrafts(next);
    this.set(next);
    if (message.kind === 'events') {
      message.events.forEach((event) => this.answer(event));
      this.groups_.take(message.events);
      for (const event of message.events) {
        if (event.type === 'message' && event.alert) this.alerted_.forEach((tell) => tell(event.message));
        if (event.type === 'history') event.conversations.forEach((each) => void this.renew(each));
      }
    }
    if (message.kind !== 'events' || message.events.some((event) => event.type === 'stopped'))
      this.abandonAll();
  }

  // They are the account's, and end with it.
  private keepDrafts({ life, account }: State): void {
    const signedOut = life.kind === 'stopped' && life.reason === 'logged_out';
    if (signedOut || account?.stage === 'new' || account?.stage === 'removed') this.drafts.wipe();
    else if (account?.user !== undefined) this.drafts.belongTo(account.user);
  }

  private answer(event: Event): void {
    if (event.type !== 'done' && event.type !== 'failed') return;
    const waiting = this.waiting_.get(event.id);
    if (waiting === undefined) return;
    this.waiting_.delete(event.id);
    if (event.type === 'done') waiting.resolve(event);
    else
      waiting.reject(
        new CommandFailed(event.error, event.message, event.retry_after_ms, event.attempts_left),
      );
  }

  // The core is gone, or is another one: nobody will answer any more.
  private abandonAll(): void {
    const waiting = [...this.waiting_.values()];
    this.waiting_.clear();
    waiting.forEach((one) => one.reject(new CommandFailed('stopped', 'Kith stopped in this tab.')));
  }
}
