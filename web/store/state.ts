// All that the user interface shows, as one immutable value, and how the worker's messages change it.

import type { Account, Chat, Contact, Event, Group, Id, JoinRequest, Millis } from '../../schema/core';
import type { FromWorker, FailReason } from '../core-worker/messages';
import type { CommandFailed } from './commands';
import * as threads from './thread';
import type { Thread } from './thread';

export type Connection = Extract<Event, { type: 'connection' }>['state'];
type Stopped = Extract<Event, { type: 'stopped' }>;

export type Life =
  | { kind: 'starting' }
  | { kind: 'running' }
  | { kind: 'held_elsewhere' }
  | { kind: 'stopped'; reason: Stopped['reason']; message: string }
  | { kind: 'failed'; reason: FailReason };

export interface Notice {
  readonly code: string;
  readonly message: string;
  readonly conversation?: Id;
}

// In parts of whatever size.
export interface HistoryProgress {
  readonly done: number;
  readonly total: number;
}

// What the members of a group know of it, or why it could not be asked for the last time.
export interface GroupInfo {
  readonly group: Group | null;
  readonly error: CommandFailed | null;
}

export interface State {
  readonly life: Life;
  readonly account: Account | null;
  // When this device came into an account that there was; null: not since Kith was opened.
  readonly linkedAt: Millis | null;
  readonly connection: Connection;
  // Since when the server is not there; null while it is. Kept here, so that every pane that comes says the same.
  readonly awaySince: Millis | null;
  readonly chats: ReadonlyMap<Id, Chat>;
  readonly contacts: ReadonlyMap<Id, Contact>;
  readonly threads: ReadonlyMap<Id, Thread>;
  // Of the groups that were looked at.
  readonly groups: ReadonlyMap<Id, GroupInfo>;
  // How often what is known of who has received and read an own message has become another, by chat.
  readonly receiptsMoved: ReadonlyMap<Id, number>;
  // Where the user has asked to be let in.
  readonly joinRequests: readonly JoinRequest[];
  readonly notices: readonly Notice[];
  // Whether what is said is kept for the account's other devices; null until it is known.
  readonly archive: boolean | null;
  // While what was said before this device came is read in: how much of it is here; null otherwise.
  readonly history: HistoryProgress | null;
}

export function initialState(now: Millis): State {
  return {
    life: { kind: 'starting' },
    account: null,
    linkedAt: null,
    connection: 'offline',
    awaySince: now,
    chats: new Map(),
    contacts: new Map(),
    threads: new Map(),
    groups: new Map(),
    receiptsMoved: new Map(),
    joinRequests: [],
    notices: [],
    archive: null,
    history: null,
  };
}

export function reduce(state: State, message: FromWorker, now: Millis): State {
  switch (message.kind) {
    case 'starting':
      return initialState(now);
    case 'held_elsewhere':
      return { ...initialState(now), life: { kind: 'held_elsewhere' } };
    case 'failed':
      return { ...state, life: { kind: 'failed', reason: message.reason } };
    case 'events':
      return message.events.reduce((before, event) => applyEvent(before, event, now), state);
  }
}

function applyEvent(state: State, event: Event, now: Millis): State {
  switch (event.type) {
    case 'account':
      return applyAccount(state, event.account, now);
    case 'connection':
      return {
        ...state,
        connection: event.state,
        awaySince: event.state === 'online' ? null : (state.awaySince ?? now),
      };
    case 'chat':
      return { ...state, chats: new Map(state.chats).set(event.chat.conversation, event.chat) };
    case 'contact':
      return applyContact(state, event.contact);
    case 'message':
      return changeThread(state, event.message.conversation, (thread) => threads.put(thread, event.message));
    case 'message_gone':
      return changeThread(state, event.conversation, (thread) => threads.remove(thread, event.message));
    case 'receipts':
      return applyReceipts(state, event.conversation, event.delivered, event.read);
    case 'receipts_changed':
    case 'group_changed':
      return {
        ...state,
        receiptsMoved: new Map(state.receiptsMoved).set(
          event.conversation,
          (state.receiptsMoved.get(event.conversation) ?? 0) + 1,
        ),
      };
    case 'join_requests':
      return { ...state, joinRequests: event.requests };
    case 'archive':
      return { ...state, archive: event.is_on };
    case 'history': {
      const { blocks_done: done, blocks_total: total } = event;
      return { ...state, history: done < total ? { done, total } : null };
    }
    case 'warning':
      if (event.code === 'join_declined') return state; // join_requests say it, and whether it still matters
      return { ...state, notices: [...state.notices, noticeOf(event)].slice(-20) };
    case 'stopped':
      return { ...state, life: { kind: 'stopped', reason: event.reason, message: event.message } };
    default:
      return state; // answers to commands, what the store itself follows, and events of a later version
  }
}

function applyAccount(state: State, account: Account, now: Millis): State {
  // Nothing of the account is shown any more.
  if (account.stage === 'removed')
    return { ...initialState(now), account, connection: state.connection, life: { kind: 'running' } };
  const contacts = new Map(state.contacts);
  if (account.user !== undefined) contacts.delete(account.user);
  const before = state.account?.stage;
  const linked = (before === 'linking' || before === 'account') && account.stage === 'ready';
  const linkedAt = linked ? now : state.linkedAt;
  return { ...state, account, linkedAt, contacts, life: { kind: 'running' } };
}

// The user is a member of every group, and still nobody's contact here.
function applyContact(state: State, contact: Contact): State {
  if (contact.user === state.account?.user) return state;
  return { ...state, contacts: new Map(state.contacts).set(contact.user, contact) };
}

function noticeOf(event: Extract<Event, { type: 'warning' }>): Notice {
  const { code, message, conversation } = event;
  // Where a link led nowhere there is no chat to say it in.
  return conversation === undefined || code === 'not_joined'
    ? { code, message }
    : { code, message, conversation };
}

function applyReceipts(state: State, conversation: Id, delivered: number, read: number): State {
  const next = changeThread(state, conversation, (thread) => threads.receipts(thread, delivered, read));
  const chat = state.chats.get(conversation);
  if (chat === undefined) return next;
  const moved: Chat = {
    ...chat,
    peer_delivered: Math.max(chat.peer_delivered, delivered),
    peer_read: Math.max(chat.peer_read, read),
  };
  if (chat.last_message !== undefined)
    moved.last_message = threads.receipted(chat.last_message, delivered, read);
  return { ...next, chats: new Map(next.chats).set(conversation, moved) };
}

export function setGroup(state: State, conversation: Id, answer: Group | CommandFailed): State {
  const known = state.groups.get(conversation)?.group ?? null;
  const info: GroupInfo =
    answer instanceof Error ? { group: known, error: answer } : { group: answer, error: null };
  return { ...state, groups: new Map(state.groups).set(conversation, info) };
}

export function changeThread(state: State, conversation: Id, change: (thread: Thread) => Thread): State {
  const thread = state.threads.get(conversation);
  if (thread === undefined) return state;
  const changed = change(thread);
  return changed === thread
    ? state
    : { ...state, threads: new Map(state.threads).set(conversation, changed) };
}
