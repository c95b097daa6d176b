// The chats of the scripted core and what was said in them: puts messages into place, moves their chats, and shows both.

import type { Chat, Event, Id, Message, Notice } from '../../schema/core';

export interface Written {
  text: string;
  sender: Id;
  mine: boolean;
  state: Message['state'];
  at: number;
  reply?: Message['reply'];
  mentions?: Message['mentions'];
  mentions_me?: boolean;
}

type Place = Pick<Message, 'conversation' | 'id' | 'order'>;

export class FakeLog {
  readonly chats = new Map<Id, Chat>();
  private readonly messages_ = new Map<Id, Message[]>();
  private made_ = 0;

  constructor(private readonly show_: (...events: Event[]) => void) {}

  // Changes a chat, and says so.
  put(chat: Chat): void {
    this.chats.set(chat.conversation, chat);
    this.show_({ type: 'chat', chat: { ...chat } });
  }

  write(chat: Chat, what: Written): Message {
    const { text, sender, mine, state, at } = what;
    const logged = state !== 'pending' && state !== 'failed';
    const message: Message = { ...this.next(chat.conversation), sender, mine, sent_ms: at, state, text };
    if (logged) Object.assign(message, { seq: message.order, time_ms: at });
    if (what.reply !== undefined) message.reply = what.reply;
    if (what.mentions !== undefined) message.mentions = what.mentions;
    if (what.mentions_me === true) message.mentions_me = true;
    if (state === 'failed') message.failure = { error: 'no_device', message: 'no device' };
    this.append(message);
    this.show_({ type: 'message', message: { ...message }, is_new: !mine, alert: !mine && !chat.muted });
    const unread_mentions = chat.unread_mentions + (message.mentions_me === true ? 1 : 0);
    this.put({ ...moved(chat, message), unread: chat.unread + (mine ? 0 : 1), unread_mentions });
    return message;
  }

  // A line that nobody wrote. Only what happened in a group moves its chat.
  line(conversation: Id, sender: Id, notice: Notice, at: number): Message {
    const place = this.next(conversation);
    const line: Message = {
      ...place,
      seq: place.order,
      sender,
      mine: false,
      sent_ms: at,
      time_ms: at,
      state: 'received',
      notice,
    };
    this.append(line);
    this.show_({ type: 'message', message: line, is_new: false, alert: false });
    const chat = this.chats.get(conversation);
    if (chat !== undefined && notice.kind === 'group') this.put(moved(chat, line));
    return line;
  }

  before(conversation: Id, sender: Id, texts: readonly string[], at: number): void {
    const late = texts.map((text, index): Message => {
      const order = index - texts.length - 1_000_000;
      const place = { ...this.next(conversation), order };
      return { ...place, sender, mine: false, sent_ms: at, time_ms: at, state: 'received', text };
    });
    this.messages_.set(conversation, [...late, ...this.of(conversation)]);
  }

  remove({ conversation, id }: Message): void {
    this.messages_.set(
      conversation,
      this.of(conversation).filter((message) => message.id !== id),
    );
    this.show_({ type: 'message_gone', conversation, message: id });
  }

  receipts(conversation: Id, delivered: number, read: number): void {
    for (const message of this.of(conversation)) {
      if (!message.mine || message.seq === undefined) continue;
      if (message.seq <= read) message.state = 'read';
      else if (message.seq <= delivered) message.state = 'delivered';
    }
    this.show_({ type: 'receipts', conversation, delivered, read });
  }

  readUpTo(conversation: Id, seq: number): void {
    const chat = this.chats.get(conversation);
    if (chat === undefined) return;
    const read_seq = Math.max(chat.read_seq, seq);
    const unread = this.of(conversation).filter(
      (m) => !m.mine && m.notice === undefined && (m.seq ?? 0) > read_seq,
    );
    const unread_mentions = unread.filter((m) => m.mentions_me === true).length;
    this.put({ ...chat, read_seq, unread: unread.length, unread_mentions });
  }

  // What an answer to this message shows of it.
  replyTo(conversation: Id, id: Id | undefined): Message['reply'] {
    const original = this.of(conversation).find((m) => m.id === id);
    if (original === undefined) return undefined;
    return { message: original.id, sender: original.sender, text: original.text ?? '', known: true };
  }

  page(conversation: Id, before: number | undefined, limit: number): { messages: Message[]; more: boolean } {
    const all = this.of(conversation).filter((m) => before === undefined || m.order < before);
    return { messages: all.slice(-limit), more: all.length > limit };
  }

  private of(conversation: Id): Message[] {
    return this.messages_.get(conversation) ?? [];
  }

  private next(conversation: Id): Place {
    const id = (++this.made_).toString(16).padStart(32, '0');
    return { conversation, id, order: this.of(conversation).length + 1 };
  }

  private append(message: Message): void {
    this.messages_.set(message.conversation, [...this.of(message.conversation), message]);
  }
}

// A chat in which nothing was said.
export function emptyChat(rest: Pick<Chat, 'conversation' | 'kind' | 'title'> & Partial<Chat>): Chat {
  return {
    membership: 'member',
    may_send: true,
    last_ms: 0,
    head_seq: 0,
    read_seq: 0,
    unread: 0,
    unread_mentions: 0,
    notifications: 'all',
    muted: false,
    is_pinned: false,
    is_put_away: false,
    peer_delivered: 0,
    peer_read: 0,
    ...rest,
  };
}

function moved(chat: Chat, last: Message): Chat {
  return { ...chat, last_message: last, last_ms: last.sent_ms, head_seq: last.seq ?? 0 };
}
