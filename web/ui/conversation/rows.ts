// A conversation's messages as the rows that are drawn: bubbles grouped by sender within five minutes, days, "unread", and lines
// that nobody wrote.

import type { Id, Message, Millis, Notice } from '../../../schema/core';
import { sameDay } from '../when';

export const kGroupMs: Millis = 5 * 60 * 1000;

export type Row =
  | { kind: 'day'; key: string; at: Millis }
  | { kind: 'unread'; key: string }
  | { kind: 'notice'; key: Id; notice: Notice }
  // `first` and `last` of a group of one sender's messages.
  | { kind: 'message'; key: Id; message: Message; first: boolean; last: boolean };

export function shownTime(message: Message): Millis {
  return message.time_ms ?? message.sent_ms;
}

// `unreadAfter`: the own read position when the chat was opened. The separator stands before the first message from
// somebody else beyond it.
export function rowsOf(messages: readonly Message[], unreadAfter: number | null): Row[] {
  const rows: Row[] = [];
  const firstUnread = unreadAfter === null ? undefined : messages.find((m) => isUnread(m, unreadAfter))?.id;
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    const unread = message.id === firstUnread;
    if (before === undefined || !sameDay(shownTime(before), shownTime(message))) {
      rows.push({ kind: 'day', key: `day-${message.id}`, at: shownTime(message) });
    }
    if (message.notice !== undefined) {
      rows.push({ kind: 'notice', key: message.id, notice: message.notice });
      return;
    }
    if (unread) rows.push({ kind: 'unread', key: 'unread' });
    rows.push({
      kind: 'message',
      key: message.id,
      message,
      first: unread || before === undefined || !together(before, message),
      last: after === undefined || after.id === firstUnread || !together(message, after),
    });
  });
  return rows;
}

function isUnread(message: Message, unreadAfter: number): boolean {
  return (
    !message.mine && message.notice === undefined && message.seq !== undefined && message.seq > unreadAfter
  );
}

function together(before: Message, after: Message): boolean {
  const apart = shownTime(after) - shownTime(before);
  if (before.notice !== undefined || after.notice !== undefined) return false;
  return before.sender === after.sender && apart < kGroupMs && sameDay(shownTime(before), shownTime(after));
}
