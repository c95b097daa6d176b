// How a person is drawn where there is no picture, and called where there is little room or other words.

import type { Contact, Id } from '../../schema/core';
import { kLanguage } from './language';

export const kHues = 8;

// Ids begin with a time; their last byte is random.
export function hueOf(id: string): number {
  const last = Number.parseInt(id.slice(-2), 16);
  return Number.isNaN(last) ? 0 : last % kHues;
}

// The first letters of the first and the last word; of a lone word its first letter.
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (firstLetter(first) + (last === undefined ? '' : firstLetter(last))).toLocaleUpperCase();
}

// What somebody is called in a few words, such as before the last message of a chat.
export function firstNameOf(name: string): string {
  const first = name.trim().split(/\s+/u)[0] ?? '';
  const letters = [...kLetters.segment(first)].map((each) => each.segment);
  return letters.length <= kLongestFirst ? first : `${letters.slice(0, kLongestFirst).join('')}…`;
}

const kLongestFirst = 20;
const kLetters = new Intl.Segmenter(kLanguage);

// Marks that would turn round the words after a name, and letters that would draw the words beside it to their own side (UAX #9).
const kTurningMarks = /[\u202a-\u202e\u2066-\u2069]/gu;
const kLeftward =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\u200f\u061c]/u;

// A name as it stands within a sentence: whoever chose it chose nothing of the words around it.
export function inSentence(name: string): string {
  const plain = name.replace(kTurningMarks, '');
  return kLeftward.test(plain) ? `\u2068${plain}\u2069` : plain;
}

// What tells somebody apart from others of the same name: the number or e-mail that they were found by, which they have not chosen
// here; or else a piece of their id, which stays the same whatever they call themselves.
export function detailOf({ user, address }: Pick<Contact, 'user' | 'address'>): string {
  return address ?? `#${user.slice(-4)}`;
}

// "Sam (+44 …)", where there is something to tell them apart by.
export function toldApart(name: string, detail: string | undefined): string {
  return detail === undefined ? name : `${name} (${detail})`;
}

// Names that look alike are the same: without regard to case, kinds of spaces, and what does not show.
function sightOf(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .toLocaleLowerCase();
}

// Of those who share their name with somebody else, what tells them apart.
export function namesakesAmong(people: Iterable<Contact>): ReadonlyMap<Id, string> {
  const bySight = new Map<string, Contact[]>();
  for (const person of people) {
    const sight = sightOf(person.name);
    const others = bySight.get(sight);
    if (others === undefined) bySight.set(sight, [person]);
    else others.push(person);
  }
  const sharing = [...bySight.values()].filter((each) => each.length > 1).flat();
  return new Map(sharing.map((person) => [person.user, detailOf(person)]));
}

function firstLetter(word: string): string {
  const match = /[\p{L}\p{N}]\p{M}*/u.exec(word);
  return match?.[0] ?? '';
}
