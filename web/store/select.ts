// Values derived from the state, computed once for each state they depend on.

import type { Chat, Contact, Id } from '../../schema/core';
import type { State } from './state';

function once<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key) as V;
  };
}

const sortChats = once((chats: ReadonlyMap<Id, Chat>): readonly Chat[] =>
  [...chats.values()].sort((a, b) => b.last_ms - a.last_ms || (a.conversation < b.conversation ? -1 : 1)),
);

const sortContacts = once((contacts: ReadonlyMap<Id, Contact>): readonly Contact[] =>
  [...contacts.values()].sort((a, b) => a.name.localeCompare(b.name) || (a.user < b.user ? -1 : 1)),
);

const peopleIn = once((contacts: ReadonlyMap<Id, Contact>) =>
  once((chats: ReadonlyMap<Id, Chat>): readonly Contact[] => {
    const written = new Set([...chats.values()].map((chat) => chat.user));
    return sortContacts(contacts).filter((one) => one.address !== undefined || written.has(one.user));
  }),
);

const listed = once((chats: ReadonlyMap<Id, Chat>): readonly Chat[] =>
  sortChats(chats)
    .filter((chat) => !chat.is_put_away)
    .sort((a, b) => Number(b.is_pinned) - Number(a.is_pinned)),
);

const putAway = once((chats: ReadonlyMap<Id, Chat>): readonly Chat[] =>
  sortChats(chats).filter((chat) => chat.is_put_away),
);

const sumUnread = once((chats: ReadonlyMap<Id, Chat>): number =>
  listed(chats).reduce((sum, chat) => sum + chat.unread, 0),
);

export const chatsNewestFirst = (state: State): readonly Chat[] => sortChats(state.chats);
// As they stand in the list: the pinned ones first, without those that are put away.
export const listedChats = (state: State): readonly Chat[] => listed(state.chats);
export const chatsPutAway = (state: State): readonly Chat[] => putAway(state.chats);
// Whom the user knows: found by a number or e-mail, or written with. The others of the contacts were only met in a group, under a name
// of their own choice.
export const peopleByName = (state: State): readonly Contact[] => peopleIn(state.contacts)(state.chats);
// Of what is put away nobody wants to be reminded.
export const totalUnread = (state: State): number => sumUnread(state.chats);

export function chatWith(state: State, user: Id): Chat | undefined {
  return sortChats(state.chats).find((chat) => chat.kind === 'direct' && chat.user === user);
}
