// What people are called within sentences.

import { useMemo } from 'react';
import type { Contact, Id } from '../../schema/core';
import { useSelect } from '../store/hooks';
import { firstNameOf, inSentence, namesakesAmong, toldApart } from './person';

const kUser = 'You';
const kNobody = 'Somebody';

export interface Names {
  isMe(user: Id): boolean;
  // The whole name, or the first one; "You" for the user, "Somebody" for whom nobody here knows.
  of(user: Id): string;
  firstOf(user: Id): string;
  // The whole name, and what tells them apart from others of that name: "Sam (+44 …)".
  told(user: Id): string;
  // "@Ben", also for the user; undefined for whom nobody here knows.
  mention(user: Id): string | undefined;
  // Stands faintly beside the name of whoever shares it with somebody else whom this device knows.
  detail(user: Id): string | undefined;
}

export function namesFrom(me: Id | undefined, contacts: ReadonlyMap<Id, Contact>, ownName?: string): Names {
  function called(user: Id, shorten: (name: string) => string): string {
    if (user === me) return kUser;
    const name = contacts.get(user)?.name;
    return name === undefined || name.trim() === '' ? kNobody : ofOther(shorten(name));
  }
  function detail(user: Id): string | undefined {
    return namesakesOf(contacts).get(user);
  }
  return {
    isMe: (user) => user === me,
    of: (user) => called(user, (name) => name),
    firstOf: (user) => called(user, firstNameOf),
    mention: (user) => {
      const name = (user === me ? ownName : contacts.get(user)?.name) ?? '';
      return name.trim() === '' ? undefined : `@${inSentence(name)}`;
    },
    told: (user) =>
      toldApart(
        called(user, (name) => name),
        user === me ? undefined : detail(user),
      ),
    detail,
  };
}

// Every row of a list asks: they are looked for once for each state of the contacts.
const kNamesakes = new WeakMap<ReadonlyMap<Id, Contact>, ReadonlyMap<Id, string>>();

function namesakesOf(contacts: ReadonlyMap<Id, Contact>): ReadonlyMap<Id, string> {
  const known = kNamesakes.get(contacts) ?? namesakesAmong(contacts.values());
  kNamesakes.set(contacts, known);
  return known;
}

// Somebody who calls themselves what Kith calls the user, or whom nobody knows, is in quotes: nobody's deeds are taken for another's.
export function ofOther(name: string): string {
  const plain = name.normalize('NFKC').replaceAll(/[\s\p{Cf}]/gu, '');
  const taken = [kUser, kNobody].some((word) => word.toLowerCase() === plain.toLowerCase());
  return taken ? `“${plain}”` : inSentence(name);
}

export function useNames(): Names {
  const me = useSelect((state) => state.account?.user);
  const contacts = useSelect((state) => state.contacts);
  const ownName = useSelect((state) => state.account?.name);
  return useMemo(() => namesFrom(me, contacts, ownName), [me, contacts, ownName]);
}

const kNamed = 3;

// "Ben", "Ben and Cleo", "Ben, Cleo, Dan and 5 others".
export function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  const shown = names.length > kNamed + 1 ? names.slice(0, kNamed) : names.slice(0, -1);
  const rest = names.length - shown.length;
  return `${shown.join(', ')} and ${rest === 1 ? (names.at(-1) ?? '') : `${rest} others`}`;
}
