// What the user's role in a group allows. Only decides what is offered: the core and all members hold to it.

import type { Group, Member, Who } from '../../../schema/core';

// Roles, rules and removing.
export function mayRule(group: Group): boolean {
  return group.role !== 'member';
}

function allowed(group: Group, who: Who): boolean {
  return who === 'everyone' || mayRule(group);
}

export function mayEdit(group: Group): boolean {
  return allowed(group, group.may_edit);
}

export function mayAdd(group: Group): boolean {
  return allowed(group, group.may_add);
}

// Make and revoke links that lead into the group.
export function mayInvite(group: Group): boolean {
  return mayRule(group);
}

// Of somebody else: the owner is above all, and only the owner hands over.
export function mayRemove(group: Group, member: Member): boolean {
  return mayRule(group) && member.role !== 'owner';
}

export function maySetAdmin(group: Group, member: Member): boolean {
  return mayRule(group) && member.role !== 'owner';
}

export function mayHandOver(group: Group): boolean {
  return group.role === 'owner';
}
