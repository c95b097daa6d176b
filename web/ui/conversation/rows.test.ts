import { describe, expect, it } from 'vitest';
import type { Message } from '../../../schema/core';
import { rowsOf } from './rows';

const kNoon = new Date(2026, 10, 24, 12).getTime();
const kMinute = 60_000;

let made = 0;
function message(sender: string, atMinutes: number): Message {
  const seq = ++made;
  return {
    conversation: 'c',
    id: `m${seq}`,
    order: seq,
    seq,
    sender,
    mine: sender === 'me',
    sent_ms: kNoon + atMinutes * kMinute,
    state: sender === 'me' ? 'sent' : 'received',
    text: '',
  };
}

function drawn(messages: Message[], unreadAfter: number | null = null): string[] {
  return rowsOf(messages, unreadAfter).map((row) =>
    row.kind === 'message' ? `${row.message.sender}${row.first ? '^' : ''}${row.last ? '_' : ''}` : row.kind,
  );
}

describe('rows', () => {
  it('group one sender’s messages within five minutes', () => {
    const messages = [
      message('bo', 0),
      message('bo', 4),
      message('bo', 10),
      message('me', 11),
      message('me', 12),
    ];
    expect(drawn(messages)).toEqual(['day', 'bo^', 'bo_', 'bo^_', 'me^', 'me_']);
  });

  it('begin each day', () => {
    const messages = [message('bo', -1), message('bo', 12 * 60 - 1), message('bo', 12 * 60 + 1)];
    expect(drawn(messages)).toEqual(['day', 'bo^_', 'bo^_', 'day', 'bo^_']);
  });

  it('have one "unread" line, before the first message from somebody else that was not read', () => {
    const messages = [message('bo', 0), message('me', 1), message('bo', 2), message('bo', 3)];
    expect(drawn(messages, messages[0]?.seq ?? 0)).toEqual(['day', 'bo^_', 'me^_', 'unread', 'bo^', 'bo_']);
    expect(drawn(messages, messages[3]?.seq ?? 0)).not.toContain('unread');
  });

  it('have a line for what is lost, which belongs to nobody and is never unread', () => {
    const line: Message = { ...message('me', 1), mine: false, notice: { kind: 'messages_lost', count: 3 } };
    delete line.text;
    const messages = [message('me', 0), line, message('me', 2), message('bo', 3)];
    expect(drawn(messages, (line.seq ?? 0) - 1)).toEqual(['day', 'me^_', 'notice', 'me^_', 'unread', 'bo^_']);
  });
});
