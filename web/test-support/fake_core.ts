// A scripted core in memory behind the same port as the real one: for component tests and for pictures of the interface. It keeps
// the order of things (a command is answered after its events) and nothing else: no keys, no server, no storage. Never shipped.

import type {
  Account,
  Chat,
  Command,
  Comparison,
  Contact,
  ErrorName,
  Event,
  Id,
  Message,
  Notice,
} from '../../schema/core';
import type { FromWorker, ToWorker } from '../core-worker/messages';
import type { Receipts } from '../store/commands';
import type { CorePort } from '../store/core_port';
import { FakeDevices } from './fake_devices';
import { FakeGroups } from './fake_groups';
import { FakeInvites } from './fake_invites';
import { emptyChat, FakeLog } from './fake_log';

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
  // Who has an own message, by its order; the core says that one is another by `receipts_changed`.
  readonly receiptsOf = new Map<number, Receipts>();
  // The number has an account already, whose key is kKey.
  isKnown = false;
  // It is locked by this PIN.
  pin: string | null = null;
  // What scanning finds.
  comparison: Comparison = { matches: true, identity: 'same', log: 'same' };
  archive = true;
  taken = false;
  private listener_: (message: FromWorker) => void = () => undefined;
  private readonly log_ = new FakeLog((...events) => this.show(...events));
  readonly groups = new FakeGroups({
    me: kMe,
    log: this.log_,
    now: () => this.now(),
    show: (...events) => this.show(...events),
    contact: (user) => this.contact(user),
  });
  readonly invites = new FakeInvites(kMe, this.groups, (...events) => this.show(...events));

  readonly devices = new FakeDevices(
    () => this.now(),
    (account) => this.stage(account),
  );

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
      { type: 'archive', is_on: this.archive },
      { type: 'connection', state: connection },
      ...[...this.log_.chats.values()].map((chat): Event => ({ type: 'chat', chat })),
      ...[...this.directory.values()]
        .filter((one) => this.log_.chats.has(conversationOf(one.user)) || this.groups.knows(one.user))
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
    return this.log_.write(this.chatWith(user), { text, mine: false, sender: user, state: 'received', at });
  }

  sends(user: Id, text: string, state: Message['state'], at = this.now()): Message {
    return this.log_.write(this.chatWith(user), { text, mine: true, sender: kMe, state, at });
  }

  // The same in a group.
  receivesIn(
    conversation: Id,
    sender: Id,
    text: string,
    at = this.now(),
    more: Pick<Message, 'reply' | 'mentions' | 'mentions_me'> = {},
  ): Message {
    const what = { text, mine: false, sender, state: 'received', at, ...more } as const;
    return this.log_.write(this.chat(conversation), what);
  }

  sendsIn(conversation: Id, text: string, state: Message['state'], at = this.now()): Message {
    return this.log_.write(this.chat(conversation), { text, mine: true, sender: kMe, state, at });
  }

  // What was said before anything that is here, and is not told of by itself.
  comesLate(user: Id, texts: readonly string[], at: number): void {
    this.log_.before(conversationOf(user), user, texts, at);
  }

  // The line that says what is lost at this place.
  loses(user: Id, notice: Notice, at = this.now()): Message {
    return this.log_.line(conversationOf(user), kMe, notice, at);
  }

  // Everything came after all.
  finds(message: Message): void {
    this.log_.remove(message);
  }

  // Another device of the user's does something with a chat.
  changes(conversation: Id, what: Partial<Chat>): void {
    this.log_.put({ ...this.chat(conversation), ...what });
  }

  mutes(user: Id, muted_until: number): void {
    this.log_.put({ ...this.chatWith(user), muted: true, muted_until });
  }

  receipts(user: Id, delivered: number, read: number): void {
    this.log_.receipts(conversationOf(user), delivered, read);
  }

  readUpTo(user: Id, seq: number): void {
    this.log_.readUpTo(conversationOf(user), seq);
  }

  readUpToIn(conversation: Id, seq: number): void {
    this.log_.readUpTo(conversation, seq);
  }

  // The message of this place.
  messageAt(conversation: Id, order: number): Message {
    const message = this.log_.page(conversation, order + 1, 1).messages[0];
    if (message === undefined) throw new Error(`There is no message ${order}.`);
    return message;
  }

  chat(conversation: Id): Chat {
    const chat = this.log_.chats.get(conversation);
    if (chat === undefined) throw new Error(`There is no chat ${conversation}.`);
    return chat;
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
        message: 'message' in result ? String(result.message) : '',
      });
    else this.show({ type: 'done', id: command.id, ...result });
  }

  private resultOf(command: Command): object {
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
        return this.stage({ ...this.account, stage: this.isKnown ? 'account' : 'name', user: kMe });
      case 'recover':
        if (command.recovery_key !== kKey.join('')) return { error: 'wrong_recovery_key', message: 'x' };
        this.ready();
        return this.stage(this.account);
      case 'register_anew':
        return this.stage({ ...this.account, stage: 'name' });
      case 'check_recovery_key':
        if (/U/u.test(command.recovery_key)) return { error: 'recovery_key_checksum', message: 'x' };
        return this.account.stage === 'ready' ? { is_right: command.recovery_key === kKey.join('') } : {};
      case 'set_pin':
        this.pin = command.pin;
        return {};
      case 'has_pin':
        return { has_pin: this.pin !== null };
      case 'create_account':
        if (this.pin !== null && command.pin === undefined) return { error: 'pin_needed', message: 'x' };
        if (this.pin !== null && command.pin !== this.pin) return { error: 'wrong_pin', message: 'x' };
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
      case 'begin_link':
      case 'cancel_link':
      case 'look_at_link':
      case 'link_device':
      case 'list_devices':
      case 'rename_device':
      case 'revoke_device':
      case 'rotate_keys':
        return this.devices.carryOut(command);
      case 'forget_device':
        this.show({ type: 'stopped', reason: 'forgotten', message: 'x' });
        return {};
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
      case 'safety_number': {
        const contact = this.contact(command.user);
        return {
          digits: '0123456789'.repeat(6),
          qr: `kith-safety:${'AQGPoaGhoaGhoaGhoaGhoaGh'.repeat(9)}`,
          verified: contact?.verified === true,
          identity_changed: contact?.identity_changed === true,
        };
      }
      case 'compare_safety_number':
        return this.comparison;
      case 'set_verified':
        return this.know(command.user, { verified: command.verified });
      case 'accept_identity':
        return this.know(command.user, { verified: false });
      case 'list_chats':
        return { chats: [...this.log_.chats.values()] };
      case 'send': {
        const { user, conversation, text, reply_to, mentions } = command;
        const chat = user === undefined ? this.chat(conversation ?? '') : this.chatWith(user);
        const reply = this.log_.replyTo(chat.conversation, reply_to);
        const what = { text, mine: true, sender: kMe, state: 'pending', at: this.now() } as const;
        const more = { ...(reply && { reply }), ...(mentions && { mentions }) };
        return { message: this.log_.write(chat, { ...what, ...more }) };
      }
      case 'set_notifications':
        this.log_.put({ ...this.chat(command.conversation), notifications: command.level });
        return {};
      case 'mute': {
        const { until_ms } = command;
        const chat = { ...this.chat(command.conversation), muted: until_ms !== 0 };
        delete chat.muted_until;
        if (until_ms !== null && until_ms !== 0) chat.muted_until = until_ms;
        this.log_.put(chat);
        return {};
      }
      case 'pin_chat':
        this.log_.put({ ...this.chat(command.conversation), is_pinned: command.is_pinned });
        return {};
      case 'put_away':
        this.log_.put({ ...this.chat(command.conversation), is_put_away: command.is_put_away });
        return {};
      case 'settle_archive':
        return {};
      case 'set_archive':
        this.archive = command.is_on;
        this.show({ type: 'archive', is_on: command.is_on });
        return {};
      case 'list_messages':
        return this.log_.page(command.conversation, command.before, command.limit);
      case 'mark_read':
        this.log_.readUpTo(command.conversation, command.seq);
        return {};
      case 'look_at_invite':
      case 'join_group':
      case 'forget_join_request':
        return this.invites.carryOut(command);
      case 'create_group':
      case 'add_members':
      case 'remove_member':
      case 'leave_group':
      case 'set_role':
      case 'set_group':
      case 'create_invite':
      case 'revoke_invite':
      case 'decline_request':
      case 'group_info':
        return this.groups.carryOut(command);
      case 'receipts':
        return this.receiptsOf.get(command.order) ?? { error: 'not_found', message: 'no such message' };
      case 'retry':
      case 'open_chat':
      case 'set_active':
      case 'reconnect':
        return {};
    }
  }

  private stage(account: Account): object {
    this.account = account;
    this.show({ type: 'account', account });
    return { resend_after_ms: 30_000, expires_in_ms: 600_000 };
  }

  // A contact becomes this, and its identity is settled.
  know(user: Id, more: Partial<Contact>): object {
    const known = this.contact(user);
    if (known === undefined) return { error: 'not_found', message: 'nobody' };
    const contact = { ...known, ...more };
    if (more.identity_changed === undefined) delete contact.identity_changed;
    this.directory.set(contact.address ?? user, contact);
    this.show({ type: 'contact', contact });
    return {};
  }

  private chatWith(user: Id): Chat {
    const conversation = conversationOf(user);
    const title = this.contact(user)?.name ?? 'Unknown';
    return this.log_.chats.get(conversation) ?? emptyChat({ conversation, kind: 'direct', user, title });
  }

  private contact(user: Id): Contact | undefined {
    if (user === kMe) return { user, name: this.account.name ?? '' };
    return [...this.directory.values()].find((one) => one.user === user);
  }
}

export function conversationOf(user: Id): Id {
  return user + user;
}
