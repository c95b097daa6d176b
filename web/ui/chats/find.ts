import type { Chat, Contact } from '../../../schema/core';

// Without regard to case and accents.
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

function holds(text: string | undefined, wanted: string): boolean {
  return text !== undefined && fold(text).includes(wanted);
}

export function matchChats(chats: readonly Chat[], query: string): readonly Chat[] {
  const wanted = fold(query.trim());
  if (wanted === '') return chats;
  return chats.filter((chat) => holds(chat.title, wanted) || holds(chat.last_message?.text, wanted));
}

// People without a chat, by name or by the number or e-mail they were found with.
export function matchContacts(
  contacts: readonly Contact[],
  chats: readonly Chat[],
  query: string,
): readonly Contact[] {
  const wanted = fold(query.trim());
  const digits = wanted.replace(/[\s().-]/gu, '');
  const known = new Set(chats.map((chat) => chat.user));
  return contacts.filter(
    (contact) =>
      !known.has(contact.user) &&
      (holds(contact.name, wanted) || holds(contact.address?.replace(/[\s().-]/gu, ''), digits)),
  );
}
