import type { Chat, Contact, Id } from '../../../schema/core';

// Without regard to case and accents.
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

function holds(text: string | undefined, wanted: string): boolean {
  return text !== undefined && fold(text).includes(wanted);
}

// Numbers are typed in many ways: in groups, in brackets, with the country's code or with a zero instead. So what counts is what
// follows the zeros; and whoever types more of a number than was kept means it too, unless so little was kept that it says nothing.
const kTellingDigits = 7;

function holdsAddress(address: string | undefined, wanted: string): boolean {
  if (address === undefined) return false;
  const known = bare(fold(address));
  const typed = bare(wanted);
  if (typed === '') return false;
  if (known.includes(typed)) return true;
  const [kept, asked] = [digitsOf(known), digitsOf(typed)];
  if (kept === '' || asked === '') return false;
  return kept.includes(asked) || (kept.length >= kTellingDigits && asked.endsWith(kept));
}

function bare(text: string): string {
  return text.replace(/[\s()./-]/gu, '');
}

function digitsOf(number: string): string {
  return /^\+?0*(\d+)$/u.exec(number)?.[1] ?? '';
}

// By name, last words, or the number or e-mail that the person was found with.
export function matchChats(
  chats: readonly Chat[],
  contacts: ReadonlyMap<Id, Contact>,
  query: string,
): readonly Chat[] {
  const wanted = fold(query.trim());
  if (wanted === '') return chats;
  return chats.filter(
    (chat) =>
      holds(chat.title, wanted) ||
      holds(chat.last_message?.text, wanted) ||
      (chat.user !== undefined && holdsAddress(contacts.get(chat.user)?.address, wanted)),
  );
}

export function matchPeople<P extends { name: string; address?: string }>(
  people: readonly P[],
  query: string,
): readonly P[] {
  const wanted = fold(query.trim());
  if (wanted === '') return people;
  return people.filter((one) => holds(one.name, wanted) || holdsAddress(one.address, wanted));
}

// People without a chat.
export function matchContacts(
  contacts: readonly Contact[],
  chats: readonly Chat[],
  query: string,
): readonly Contact[] {
  const known = new Set(chats.map((chat) => chat.user));
  return matchPeople(contacts, query).filter((contact) => !known.has(contact.user));
}
