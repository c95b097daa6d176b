// Reads chats page by page, from their ends to their beginnings as the core keeps them, and makes one text of them.

import type { Chat, Id } from '../../../schema/core';
import type { Store } from '../../store/store';
import type { Names } from '../names';
import { headingOf, linesOf, spanOf, titleOfExport } from './export_text';
import type { Span } from './export_text';

const kPage = 200;

export interface Progress {
  chats: number; // that are done
  of: number;
  messages: number;
}

interface Order {
  chats: readonly Chat[];
  names: Names;
  ownName: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

// Rejects with the signal's reason once it is aborted, or with CommandFailed.
export async function exportHistory(store: Store, order: Order): Promise<Blob> {
  const { chats, names, ownName, signal, onProgress } = order;
  const parts: BlobPart[] = [titleOfExport(ownName)];
  let messages = 0;
  for (const [done, chat] of chats.entries()) {
    const tell = (more: number) =>
      onProgress({ chats: done, of: chats.length, messages: (messages += more) });
    tell(0);
    const pages = await pagesOf(store, chat, names, signal, tell);
    if (pages === null) continue;
    parts.push(headingOf(chat, await peopleOf(store, chat), pages.span, names), ...pages.oldestFirst);
  }
  signal.throwIfAborted();
  return new Blob(parts, { type: 'text/plain;charset=utf-8' });
}

// Null where nothing was said. What is read lies in blobs: the browser need not keep it in memory.
async function pagesOf(
  store: Store,
  chat: Chat,
  names: Names,
  signal: AbortSignal,
  tell: (more: number) => void,
): Promise<{ oldestFirst: Blob[]; span: Span } | null> {
  const { conversation } = chat;
  const newestFirst: Blob[] = [];
  const spans: Span[] = [];
  // One that moves from pending into the log between two pages is in both.
  const seen = new Set<Id>();
  let before: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = await store.run({
      type: 'list_messages',
      conversation,
      limit: kPage,
      ...(before !== undefined && { before }),
    });
    const fresh = page.messages.filter(({ id }) => !seen.has(id));
    fresh.forEach(({ id }) => seen.add(id));
    if (fresh.length > 0) {
      newestFirst.push(new Blob(fresh.map((message) => linesOf(message, names))));
      spans.push(spanOf(fresh));
      tell(fresh.filter(({ notice }) => notice === undefined).length);
    }
    before = page.messages[0]?.order;
    if (!page.more || before === undefined) break;
  }
  if (spans.length === 0) return null;
  const span = {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
  };
  return { oldestFirst: newestFirst.reverse(), span };
}

// The user first.
async function peopleOf(store: Store, chat: Chat): Promise<Id[] | null> {
  const me = store.getState().account?.user;
  if (chat.user !== undefined) return [me, chat.user].filter((user) => user !== undefined);
  if (chat.membership !== 'member') return null;
  const { group } = await store.run({ type: 'group_info', conversation: chat.conversation });
  return group.members.map(({ user }) => user);
}
