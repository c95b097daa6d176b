import type { Group, Id, Member, Role } from '../../../schema/core';
import { Avatar } from '../avatar';
import { Menu } from '../menu';
import type { MenuItem } from '../menu';
import { Named } from '../named';
import { ofOther } from '../names';
import type { Names } from '../names';
import { inSentence, toldApart } from '../person';
import { go } from '../route';
import { mayHandOver, mayRemove, maySetAdmin } from './may';

export type Deed = 'make_admin' | 'unmake_admin' | 'hand_over' | 'remove';

const kRoles: Record<Role, string | null> = { owner: 'Owner', admin: 'Admin', member: null };

interface Props {
  group: Group;
  member: Member;
  mine: boolean;
  names: Names;
  onDeed: (deed: Deed) => void;
}

export function MemberRow({ group, member, mine, names, onDeed }: Props) {
  const name = mine ? 'You' : ofOther(member.name);
  const role = kRoles[member.role];
  return (
    <li className="member">
      <Avatar id={member.user} name={member.name} size="small" />
      <Named className="member-name" name={name} user={mine ? undefined : member.user} names={names} />
      {role !== null && <span className="member-role">{role}</span>}
      {!mine && (
        <Menu
          label={`More about ${toldApart(inSentence(member.name), names.detail(member.user))}`}
          items={itemsFor(group, member, onDeed)}
        />
      )}
    </li>
  );
}

function itemsFor(group: Group, member: Member, onDeed: (deed: Deed) => void): MenuItem[] {
  const items: MenuItem[] = [
    { label: 'Message', onPick: () => go({ at: 'chat', user: member.user, info: false }) },
  ];
  if (maySetAdmin(group, member)) {
    items.push(
      member.role === 'admin'
        ? { label: 'Remove as admin', onPick: () => onDeed('unmake_admin') }
        : { label: 'Make admin', onPick: () => onDeed('make_admin') },
    );
  }
  if (mayHandOver(group)) items.push({ label: 'Hand over the group', onPick: () => onDeed('hand_over') });
  if (mayRemove(group, member)) {
    items.push({ label: 'Remove from group', danger: true, onPick: () => onDeed('remove') });
  }
  return items;
}

// Somebody who is being added.
export function WaitingRow({ user, names }: { user: Id; names: Names }) {
  const name = names.of(user);
  return (
    <li className="member member-waiting">
      <Avatar id={user} name={name} size="small" />
      <Named className="member-name" name={name} user={user} names={names} />
      <span className="member-role">Being added…</span>
    </li>
  );
}
