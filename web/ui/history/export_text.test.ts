import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Chat, Contact, Id, Message } from '../../../schema/core';
import fixture from '../../../schema/golden/export.json';
import golden from '../../../schema/golden/export.txt?raw';
import { namesFrom } from '../names';
import { headingOf, linesOf, spanOf, titleOfExport } from './export_text';

interface Fixture {
  own: { user: Id; name: string };
  contacts: Contact[];
  chats: { chat: Chat; people: Id[] | null; messages: Message[] }[];
}

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

describe('an export', () => {
  it('is as docs/export.md says, to the byte', () => {
    const { own, contacts, chats } = fixture as unknown as Fixture;
    const names = namesFrom(own.user, new Map(contacts.map((one) => [one.user, one])), own.name);
    const texts = chats.map(
      ({ chat, people, messages }) =>
        headingOf(chat, people, spanOf(messages), names) +
        messages.map((message) => linesOf(message, names)).join(''),
    );
    expect(titleOfExport(own.name) + texts.join('')).toBe(golden);
  });

  it('has dates with their year within its lines, since nobody knows when it is read', () => {
    const at = Date.UTC(2026, 10, 3);
    const notice = { kind: 'messages_lost', count: 2, from_ms: at, to_ms: at } as const;
    const line = { notice, sent_ms: at, sender: '', state: 'received' } as Message;
    expect(linesOf(line, namesFrom(undefined, new Map()))).toBe(
      '2026-11-03 00:00  * 2 messages from 3 November 2026 could not be restored on this device.\n',
    );
  });
});
