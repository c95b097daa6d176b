// A scripted core in memory behind the same port as the real one: for component tests and for pictures of the interface. It keeps
// the order of things (a command is answered after its events) and nothing else: no keys, no server, no storage. Never shipped.

import type {
  Account,
  Chat,
  Command,
  Contact,
  ErrorName,
  Event,
  Id,
  Message,
  Notice,
} from '../../schema/core';
import type { FromWorker, ToWorker } from '../core-worker/messages';
import type { CorePort } from '../store/core_port';

export const kMe: Id = '018f0000000070008000000000000001';
export const kKey = ['K7QM', '3XVA', 'ZP4D', 'HN2W', 'B9TC', 'R6EY', 'GJ5S'];
export const kCode = '314159';

type Failure = { error: ErrorName; message: string; retry_after_ms?: number; attempts_left?: number };

export class FakeCore implements CorePort {
  readonly commands: Command[] = [];
  readonly directory = new Map<string, Contact>();
  account: Account = { stage: 'new' };
  // The next command of this type fails so.
  readonly failures = new Map<Command['type'], Failure>();
  taken = false;
  private listener_: (message: FromWorker) => void = () => undefined;
  private readonly chats_ = new Map<Id, Chat>();
  private readonly messages_ = new Map<Id, Message[]>();
  private made_ = 0;

  constructor(readonly now: () => number = () => Date.now()) {}

  listen(listener: (message: FromWorker) => void): void {
    this.listener_ = listener;
  }

  post(message: ToWorker): void {
    if (message.kind === 'take_over') {
      this.taken = true;
      this.start();
      return;
    }
    this.commands.push(message.command);
    queueMicrotask(() => this.carryOut(message.command));
  }

  // ---- the script

  say(message: FromWorker): void {
    this.listener_(message);
  }

  show(...events: Event[]): void {
    this.say({ kind: 'events', events });
  }

  start(connection: 'online' | 'offline' = 'online'): void {
    this.show(
      { type: 'account', account: this.account },
      { type: 'connection', state: connection },
      ...[...this.chats_.values()].map((chat): Event => ({ type: 'chat', chat })),
      ...[...this.directory.values()]
        .filter((one) => this.chats_.has(conversationOf(one.user)))
        .map((contact): Event => ({ type: 'contact', contact })),
    );
  }

  ready(name = 'Ada Lovelace'): this {
    this.account = { stage: 'ready', user: kMe, device: kMe, name, address: '+44 7700 900001' };
    return this;
  }

  knows(contact: Contact): this {
    this.directory.set(contact.address ?? contact.user, contact);
    return this;
  }

  // A message that came in; `at` places it in the past.
  receives(user: Id, text: string, at = this.now()): Message {
    return this.add(user, { text, mine: false, sender: user, state: 'received', at });
  }

  sends(user: Id, text: string, state: Message['state'], at = this.now()): Message {
    return this.add(user, { text, mine: true, sender: kMe, state, at });
  }

  // The line that says what is lost at this place.
  loses(user: Id, notice: Notice, at = this.now()): Message {
    const conversation = conversationOf(user);
    const messages = this.messages_.get(conversation) ?? [];
    this.messages_.set(conversation, messages);
    const seq = messages.length + 1;
    const line: Message = {
      conversation,
      id: (++this.made_).toString(16).padStart(32, '0'),
      order: seq,
      seq,
      sender: kMe,
      mine: false,
      sent_ms: at,
      time_ms: at,
      state: 'received',
      notice,
    };
    messages.push(line);
    this.show({ type: 'message', message: line, is_new: false });
    return line;
  }

  // Everything came after all.
  finds({ conversation, id }: Message): void {
    const messages = this.messages_.get(conversation) ?? [];
    this.messages_.set(
      conversation,
      messages.filter((m) => m.id !== id),
    );
    this.show({ type: 'message_gone', conversation, message: id });
  }

  receipts(user: Id, delivered: number, read: number): void {
    const conversation = conversationOf(user);
    const messages = this.messages_.get(conversation) ?? [];
    for (const message of messages) {
      if (!message.mine || message.seq === undefined) continue;
      if (message.seq <= read) message.state = 'read';
      else if (message.seq <= delivered) message.state = 'delivered';
    }
    this.show({ type: 'receipts', conversation, delivered, read });
  }

  readUpTo(user: Id, seq: number): void {
    const chat = this.chats_.get(conversationOf(user));
    if (chat === undefined) return;
    chat.read_seq = Math.max(chat.read_seq, seq);
    chat.unread = (this.messages_.get(chat.conversation) ?? []).filter(
      (m) => !m.mine && m.notice === undefined && (m.seq ?? 0) > chat.read_seq,
    ).length;
    this.show({ type: 'chat', chat: { ...chat } });
  }

  // ---- what commands do

  private carryOut(command: Command): void {
    const failure = this.failures.get(command.type);
    if (failure !== undefined) {
      this.failures.delete(command.type);
      this.show({ type: 'failed', id: command.id, ...failure });
      return;
    }
    const result = this.resultOf(command);
    if ('error' in result)
      this.show({
        type: 'failed',
        id: command.id,
        error: result.error as ErrorName,
        message: String(result.message),
      });
    else this.show({ type: 'done', id: command.id, ...result });
  }

  private resultOf(command: Command): Record<string, unknown> {
    switch (command.type) {
      case 'register':
        return this.stage({
          stage: 'code',
          address: command.phone ?? command.email ?? '',
          resend_at: this.now() + 30_000,
        });
      case 'resend_code':
        return this.stage({ ...this.account, resend_at: this.now() + 30_000 });
      case 'confirm_code':
        if (command.code !== kCode) return { error: 'wrong_code', message: 'wrong code' };
        return this.stage({ ...this.account, stage: 'name', user: kMe });
      case 'create_account':
        return this.stage({
          ...this.account,
          stage: 'recovery_key',
          name: command.name,
          device: kMe,
          recovery_key: kKey,
        });
      case 'confirm_recovery_key': {
        const right = command.groups.every(({ index, text }) => kKey[index] === text);
        if (!right) return { error: 'wrong_recovery_key', message: 'wrong groups' };
        const account: Account = { ...this.account, stage: 'ready' };
        delete account.recovery_key;
        return this.stage(account);
      }
      case 'set_name':
        return this.stage({ ...this.account, name: command.name });
      case 'find_contact': {
        const contact = this.directory.get(command.phone ?? command.email ?? '');
        if (contact === undefined) return { error: 'not_found', message: 'nobody' };
        this.show({ type: 'contact', contact });
        return { contact };
      }
      case 'list_contacts':
        return { contacts: [...this.directory.values()] };
      case 'list_chats':
        return { chats: [...this.chats_.values()] };
      case 'send':
        return {
          message: this.sends(
            command.user ?? this.userOf(command.conversation ?? ''),
            command.text,
            'pending',
          ),
        };
      case 'list_messages':
        return this.page(command.conversation, command.before, command.limit);
      case 'mark_read':
        this.readUpTo(this.userOf(command.conversation), command.seq);
        return {};
      case 'retry':
      case 'set_active':
      case 'reconnect':
        return {};
    }
  }

  private stage(account: Account): Record<string, unknown> {
    this.account = account;
    this.show({ type: 'account', account });
    return { resend_after_ms: 30_000, expires_in_ms: 600_000 };
  }

  private page(conversation: Id, before: number | undefined, limit: number): Record<string, unknown> {
    const all = (this.messages_.get(conversation) ?? []).filter(
      (m) => before === undefined || m.order < before,
    );
    return { messages: all.slice(-limit), more: all.length > limit };
  }

  private userOf(conversation: Id): Id {
    return this.chats_.get(conversation)?.user ?? '';
  }

  private add(
    user: Id,
    what: { text: string; mine: boolean; sender: Id; state: Message['state']; at: number },
  ): Message {
    const conversation = conversationOf(user);
    const messages = this.messages_.get(conversation) ?? [];
    this.messages_.set(conversation, messages);
    const seq = messages.length + 1;
    const logged = what.state !== 'pending' && what.state !== 'failed';
    const message: Message = {
      conversation,
      id: (++this.made_).toString(16).padStart(32, '0'),
      order: seq,
      sender: what.sender,
      mine: what.mine,
      sent_ms: what.at,
      state: what.state,
      text: what.text,
      ...(logged ? { seq, time_ms: what.at } : {}),
    };
    if (what.state === 'failed') message.failure = { error: 'no_device', message: 'no device' };
    messages.push(message);
    const chat = this.chatOf(user, message);
    this.show(
      { type: 'message', message: { ...message }, is_new: !what.mine },
      { type: 'chat', chat: { ...chat } },
    );
    return message;
  }

  private chatOf(user: Id, last: Message): Chat {
    const before = this.chats_.get(last.conversation);
    const contact = [...this.directory.values()].find((one) => one.user === user);
    const chat: Chat = {
      conversation: last.conversation,
      kind: 'direct',
      user,
      title: contact?.name ?? 'Unknown',
      read_seq: before?.read_seq ?? 0,
      peer_delivered: before?.peer_delivered ?? 0,
      peer_read: before?.peer_read ?? 0,
      last_message: last,
      last_ms: last.sent_ms,
      head_seq: last.seq ?? 0,
      unread: (before?.unread ?? 0) + (last.mine ? 0 : 1),
    };
    this.chats_.set(chat.conversation, chat);
    return chat;
  }
}

export function conversationOf(user: Id): Id {
  return user + user;
}
