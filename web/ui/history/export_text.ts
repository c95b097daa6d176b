// A chat as text that people read, in the format of docs/export.md. Nothing that somebody wrote can be taken for a line of its own:
// what stands at the beginning of a line is Kith's.

import type { Chat, Id, Message, Millis } from '../../../schema/core';
import type { Names } from '../names';
import { linesForNotice } from '../notice_words';
import { shownTime } from '../conversation/rows';

const kLongestQuote = 60;
const kIndent = ' '.repeat('2026-11-26 14:03  '.length);
const kUnknown = '(a kind of message that this version does not show yet)';

export function titleOfExport(ownName: string): string {
  return `Kith: what ${oneLine(ownName)} has written and read\n`;
}

// Who is in a chat, the user first; null: the user is not any more, or nobody can tell.
export function headingOf(chat: Chat, people: readonly Id[] | null, span: Span, names: Names): string {
  const title = chat.user === undefined ? oneLine(chat.title) : nameOf(chat.user, names);
  const who = people?.map((user) => nameOf(user, names)).join(', ') ?? 'You are not in this group.';
  const { from, to } = span;
  return `\n== ${title} ==\n${who}\n${minuteOf(from)} to ${minuteOf(to)}\n\n`;
}

export interface Span {
  from: Millis;
  to: Millis;
}

export function spanOf(messages: readonly Message[]): Span {
  const times = messages.map(shownTime);
  return { from: Math.min(...times), to: Math.max(...times) };
}

// All lines of a message, or of what nobody wrote, each with its end.
export function linesOf(message: Message, names: Names): string {
  const at = minuteOf(shownTime(message));
  if (message.notice !== undefined) {
    // In words that stay right: dates with their year.
    return linesForNotice(message.notice, Number.NEGATIVE_INFINITY, names)
      .map((line) => `${at}  * ${oneLine(line)}\n`)
      .join('');
  }
  const unsent = message.state === 'pending' || message.state === 'failed' ? ' (not sent)' : '';
  const text = message.text === undefined ? kUnknown : safeText(message.text);
  const said = text.replaceAll('\n', `\n${kIndent}`);
  return `${quoteOf(message, at, names)}${at}  ${nameOf(message.sender, names)}${unsent}: ${said}\n`;
}

// In a line before it: what a message answers; of what is not here, that it is the word of whoever answers.
function quoteOf({ reply, sender }: Message, at: string, names: Names): string {
  if (reply === undefined) return '';
  const letters = Array.from(oneLine(reply.text));
  const cut =
    letters.length > kLongestQuote ? `${letters.slice(0, kLongestQuote).join('')}…` : letters.join('');
  const by = reply.known ? '' : `${nameOf(sender, names)} ${names.isMe(sender) ? 'quote' : 'quotes'} `;
  return `${at}  > ${by}${nameOf(reply.sender, names)}: ${cut === '' ? 'a message' : cut}\n`;
}

// A name that could be taken for what the format says itself is in quotes.
function nameOf(user: Id, names: Names): string {
  const name = oneLine(names.told(user));
  return /^[*>]|:/u.test(name) ? `“${name}”` : name;
}

// "2026-11-26 14:03", in this device's time zone.
function minuteOf(at: Millis): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

// Without what controls a terminal or reorders a line.
// eslint-disable-next-line no-control-regex
const kUnsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function safeText(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(kUnsafe, '');
}

function oneLine(text: string): string {
  return safeText(text).replaceAll('\n', ' ');
}
