// The loaded part of one chat's messages: a contiguous window, oldest first, that grows by pages at either end and is bounded.
//
// Invariants: `messages` is sorted by `order` and has each id once; `more` says that older ones exist before the window; `end` is
// the position that the window ends before (null: the chat's end). Whole pages are dropped at the newer end while the user reads
// far back; `ends` remembers where the window ended before each of those drops (innermost last), so that paging forward asks for
// exactly what was dropped. What comes in beyond the window meanwhile is only counted (`missed`).

import type { Id, Message } from '../../schema/core';

export const kPageSize = 50;
export const kWindowSize = 300;

export interface Thread {
  readonly conversation: Id;
  readonly messages: readonly Message[];
  readonly more: boolean;
  readonly end: number | null;
  readonly ends: readonly (number | null)[];
  readonly missed: number;
  readonly loaded: boolean;
  readonly loading: 'older' | 'newer' | null;
}

export interface PageRequest {
  before?: number;
  limit: number;
}

export function emptyThread(conversation: Id): Thread {
  return {
    conversation,
    messages: [],
    more: false,
    end: null,
    ends: [],
    missed: 0,
    loaded: false,
    loading: null,
  };
}

// Whether the window reaches to the newest message.
export function atEnd(thread: Thread): boolean {
  return thread.end === null;
}

export function olderPage(thread: Thread): PageRequest {
  const first = thread.messages[0];
  return first === undefined ? { limit: kPageSize } : { before: first.order, limit: kPageSize };
}

export function newerPage(thread: Thread): PageRequest {
  const before = thread.ends.at(-1) ?? null;
  return before === null ? { limit: kPageSize + thread.missed } : { before, limit: kPageSize };
}

// The window again, and a page before it.
export function samePage(thread: Thread): PageRequest {
  const limit = Math.min(kWindowSize, thread.messages.length + kPageSize);
  return thread.end === null ? { limit } : { before: thread.end, limit };
}

export function addOlder(thread: Thread, page: readonly Message[], more: boolean): Thread {
  let messages = merge(page, thread.messages);
  let end = thread.end;
  const ends = [...thread.ends];
  while (messages.length > kWindowSize) {
    const kept = messages.length - kPageSize;
    ends.push(end);
    end = messages[kept]?.order ?? end;
    messages = messages.slice(0, kept);
  }
  return { ...thread, messages, end, ends, more, loaded: true, loading: null };
}

export function addNewer(thread: Thread, page: readonly Message[]): Thread {
  const messages = merge(page, thread.messages);
  const end = thread.ends.at(-1) ?? null;
  const surplus = Math.max(0, messages.length - kWindowSize);
  return {
    ...thread,
    messages: messages.slice(surplus),
    more: thread.more || surplus > 0,
    end,
    ends: thread.ends.slice(0, -1),
    missed: end === null ? 0 : thread.missed,
    loading: null,
  };
}

// What has come between its messages is in it as well; what no longer fits goes at its beginning.
export function renewed(thread: Thread, page: readonly Message[], more: boolean): Thread {
  const from = page[0]?.order ?? Number.NEGATIVE_INFINITY;
  const kept = thread.messages.filter((message) => message.order >= from);
  return { ...thread, messages: merge(page, kept), more, loading: null };
}

// Back to the newest page, after reading far back.
export function newestOnly(thread: Thread, page: readonly Message[], more: boolean): Thread {
  return { ...emptyThread(thread.conversation), messages: merge(page, []), more, loaded: true };
}

// What is kept of a chat that is left: enough to show it at once when it is opened again.
export function trimmed(thread: Thread): Thread {
  if (!atEnd(thread)) return emptyThread(thread.conversation);
  const surplus = thread.messages.length - kPageSize;
  return surplus <= 0 ? thread : { ...thread, messages: thread.messages.slice(surplus), more: true };
}

// A new or changed message.
export function put(thread: Thread, message: Message): Thread {
  const at = thread.messages.findLastIndex((m) => m.id === message.id);
  const others = at < 0 ? thread.messages : thread.messages.toSpliced(at, 1);
  const first = others[0];
  const last = others.at(-1);
  const known = at >= 0;
  if (!known && !atEnd(thread) && last !== undefined && message.order > last.order) {
    return { ...thread, missed: thread.missed + 1 };
  }
  if (!known && thread.more && first !== undefined && message.order < first.order) return thread;
  const messages = insert(others, message);
  if (!atEnd(thread) || messages.length <= kWindowSize) return { ...thread, messages };
  return { ...thread, messages: messages.slice(messages.length - kWindowSize), more: true };
}

export function remove(thread: Thread, id: Id): Thread {
  const messages = thread.messages.filter((message) => message.id !== id);
  return messages.length === thread.messages.length ? thread : { ...thread, messages };
}

// Receipts only ever move forward.
export function receipts(thread: Thread, delivered: number, read: number): Thread {
  const messages = thread.messages.map((message) => receipted(message, delivered, read));
  const changed = messages.some((message, index) => message !== thread.messages[index]);
  return changed ? { ...thread, messages } : thread;
}

export function receipted(message: Message, delivered: number, read: number): Message {
  if (!message.mine || message.seq === undefined) return message;
  const state = message.seq <= read ? 'read' : message.seq <= delivered ? 'delivered' : 'sent';
  return rank(state) > rank(message.state) ? { ...message, state } : message;
}

const kRanks: Partial<Record<Message['state'], number>> = { pending: 0, sent: 1, delivered: 2, read: 3 };

function rank(state: Message['state']): number {
  return kRanks[state] ?? 4;
}

function insert(messages: readonly Message[], message: Message): Message[] {
  const at = messages.findLastIndex((m) => m.order <= message.order) + 1;
  return messages.toSpliced(at, 0, message);
}

// Pages may overlap what is loaded; the loaded one is newer than the page and stays.
function merge(one: readonly Message[], two: readonly Message[]): Message[] {
  const ids = new Map([...one, ...two].map((message) => [message.id, message]));
  return [...ids.values()].sort((a, b) => a.order - b.order);
}
