// Members of a group who are named in a text as "@Ben": found while it is typed, placed when it is sent, told apart when it is shown.

import type { Id, Member, Mention } from '../../../schema/core';

export interface Query {
  // Of the "@".
  start: number;
  text: string;
}

// At most as many as the core takes.
const kMost = 64;
const kLongestQuery = 40;
const kInWord = /[\p{L}\p{N}_]/u;

// What stands between an "@" and the caret; null: nobody is being named there.
export function queryAt(text: string, caret: number): Query | null {
  const start = text.lastIndexOf('@', caret - 1);
  if (start < 0 || caret - start > kLongestQuery || endsInWord(text.slice(0, start))) return null;
  const typed = text.slice(start + 1, caret);
  return typed.includes('\n') || typed.startsWith(' ') ? null : { start, text: typed };
}

// Whose name, or a later word of it, begins like that.
export function matchMembers(members: readonly Member[], me: Id | undefined, query: string): Member[] {
  const wanted = fold(query);
  const begins = (name: string) => fold(name).startsWith(wanted) || fold(name).includes(` ${wanted}`);
  return members.filter((member) => member.user !== me && begins(member.name));
}

// Every "@" with a member's whole name behind it, the longest that fits. Of several with one name it is who was picked from the list,
// in that order, and nobody else.
export function mentionsIn(
  text: string,
  members: readonly Member[],
  me: Id | undefined,
  picked: readonly Id[],
): Mention[] {
  const others = members.filter((member) => member.user !== me && member.name !== '');
  const left = [...picked];
  const mentions: Mention[] = [];
  for (let at = text.indexOf('@'); at >= 0 && mentions.length < kMost; at = text.indexOf('@', at + 1)) {
    if (endsInWord(text.slice(0, at))) continue;
    const named = longestNamed(others, text.slice(at + 1));
    const wanted = left.findIndex((user) => named.some((member) => member.user === user));
    const member =
      wanted >= 0
        ? named.find(({ user }) => user === left[wanted])
        : named.length === 1
          ? named[0]
          : undefined;
    if (member === undefined) continue;
    if (wanted >= 0) left.splice(wanted, 1);
    mentions.push({ user: member.user, start: at, length: member.name.length + 1 });
  }
  return mentions;
}

function longestNamed(members: readonly Member[], text: string): Member[] {
  const fits = members.filter(
    ({ name }) => sameName(text.slice(0, name.length), name) && !goesOn(text, name),
  );
  const longest = Math.max(...fits.map(({ name }) => name.length));
  return fits.filter(({ name }) => name.length === longest);
}

function goesOn(text: string, name: string): boolean {
  return kInWord.test(String.fromCodePoint(text.codePointAt(name.length) ?? 0x20));
}

function endsInWord(text: string): boolean {
  return /[\p{L}\p{N}_]$/u.test(text);
}

function sameName(one: string, other: string): boolean {
  return one.toLocaleLowerCase() === other.toLocaleLowerCase();
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

export interface Part {
  text: string;
  user?: Id;
}

// A text in pieces: those that name somebody, and what is between them.
export function partsOf(text: string, mentions: readonly Mention[]): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const { user, start, length } of mentions) {
    if (start < done || start + length > text.length) continue;
    if (start > done) parts.push({ text: text.slice(done, start) });
    parts.push({ text: text.slice(start, start + length), user });
    done = start + length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}
