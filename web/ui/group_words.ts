// What happened in a group, in words: "Ana added Ben and Cleo".

import type { GroupChange, Id, Who } from '../../schema/core';
import { listed } from './names';
import type { Names } from './names';
import { inSentence } from './person';

export function linesForGroup(by: Id, changes: readonly GroupChange[], names: Names): string[] {
  return changes.map((change) => wordsForChange(by, change, names));
}

function wordsForChange(by: Id, change: GroupChange, names: Names): string {
  const who = names.told(by);
  switch (change.what) {
    case 'created':
      return `${who} created the group`;
    case 'added':
      return `${who} added ${several(change.users, names, 'you')}`;
    case 'joined':
      return `${several(change.users, names, 'You')} joined by an invite link`;
    case 'invite_made':
      return `${who} made an invite link`;
    case 'invite_revoked':
      return `${who} revoked an invite link`;
    case 'removed':
      return `${who} removed ${several(change.users, names, 'you')}`;
    case 'left':
      return `${several(change.users, names, 'You')} left`;
    case 'role':
      return wordsForRole(by, change, names);
    case 'name':
      return `${who} named the group “${inSentence(change.name)}”`;
    case 'description':
      return `${who} changed the description`;
    case 'may_send':
      return `${who} let ${whom(change.who)} send messages`;
    case 'may_edit':
      return `${who} let ${whom(change.who)} edit name and description`;
    case 'may_add':
      return `${who} let ${whom(change.who)} add people`;
    default:
      return 'Something changed that this version of Kith can’t show';
  }
}

function whom(who: Who): string {
  return who === 'everyone' ? 'everyone' : 'only admins';
}

// "1 person asks to join": to come into a group.
export function wordsForAsking(count: number): string {
  return count === 1 ? '1 person asks to join' : `${count} people ask to join`;
}

// The user is named first.
function several(users: readonly Id[], names: Names, you: string): string {
  const others = users.filter((user) => !names.isMe(user)).map((user) => names.told(user));
  return listed(others.length < users.length ? [you, ...others] : others);
}

function wordsForRole(by: Id, change: Extract<GroupChange, { what: 'role' }>, names: Names): string {
  const who = names.told(by);
  const mine = names.isMe(change.user);
  const whom = mine ? 'you' : names.told(change.user);
  if (change.user === by) {
    const is = mine ? 'are' : 'is';
    if (change.role === 'owner') return `${who} ${mine ? 'own' : 'owns'} the group now`;
    return change.role === 'admin' ? `${who} ${is} an admin now` : `${who} ${is} not an admin any more`;
  }
  switch (change.role) {
    case 'owner':
      return `${who} handed the group over to ${whom}`;
    case 'admin':
      return `${who} made ${whom} an admin`;
    case 'member':
      return `${who} removed ${whom} as an admin`;
  }
}
