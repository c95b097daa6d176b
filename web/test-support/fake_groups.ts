// The groups of the scripted core: who is in them, what their roles allow, and the lines and events that changes make.

import type {
  Chat,
  Command,
  Contact,
  ErrorName,
  Event,
  Group,
  GroupChange,
  Id,
  Invite,
  Member,
  Role,
} from '../../schema/core';
import type { FakeLog } from './fake_log';
import { emptyChat } from './fake_log';

export const kMostMembers = 2000;
const kMostInvites = 8;

export interface Failure {
  error: ErrorName;
  message: string;
}

type Policy = Pick<Group, 'may_send' | 'may_edit' | 'may_add'>;
type GroupCommand = Extract<
  Command,
  {
    type:
      | 'create_group'
      | 'add_members'
      | 'remove_member'
      | 'leave_group'
      | 'set_role'
      | 'set_group'
      | 'create_invite'
      | 'revoke_invite'
      | 'decline_request'
      | 'group_info';
  }
>;

interface Founding extends Partial<Policy> {
  name: string;
  description?: string;
  by?: Id;
  members: readonly Id[];
  at?: number;
}

// A group as this core keeps it; `Group` is what it tells the user of it.
interface Kept extends Policy {
  name: string;
  description: string;
  roles: Map<Id, Role>;
  waiting: Id[];
  invites: Invite[];
  requests: Id[];
}

export interface World {
  me: Id;
  log: FakeLog;
  now: () => number;
  show: (...events: Event[]) => void;
  contact: (user: Id) => Contact | undefined;
}

const kRanks: Record<Role, number> = { owner: 0, admin: 1, member: 2 };

export class FakeGroups {
  // Whoever cannot be added, and why.
  readonly refusals = new Map<Id, Failure>();
  // While it is set, no group is told of.
  unreachable: Failure | null = null;
  private readonly groups_ = new Map<Id, Kept>();
  private made_ = 0;

  constructor(private readonly world_: World) {}

  // ---- the script

  found({ by = this.world_.me, at = this.world_.now(), members, ...rest }: Founding): Id {
    const conversation = (this.groups_.size + 1).toString(16).padStart(64, '0');
    const { name, description = '', may_send = 'everyone', may_edit = 'everyone', may_add = 'admins' } = rest;
    this.groups_.set(conversation, {
      name,
      description,
      may_send,
      may_edit,
      may_add,
      roles: new Map([[by, 'owner']]),
      waiting: [],
      invites: [],
      requests: [],
    });
    this.world_.log.put(emptyChat({ conversation, kind: 'group', title: name, last_ms: at }));
    this.change(conversation, by, [{ what: 'created' }, { what: 'added', users: [...members] }], at);
    return conversation;
  }

  // Somebody changes a group: all that follows from it is done, shown, and said in a line.
  change(conversation: Id, by: Id, changes: GroupChange[], at = this.world_.now()): void {
    const group = this.kept(conversation);
    for (const change of changes) apply(group, change);
    this.tell(conversation);
    this.world_.log.line(conversation, by, { kind: 'group', by, changes }, at);
  }

  // Somebody is on the way in.
  waits(conversation: Id, user: Id): void {
    this.kept(conversation).waiting.push(user);
    this.tell(conversation);
  }

  // Somebody asks to come in.
  asks(conversation: Id, user: Id): void {
    this.kept(conversation).requests.push(user);
    this.tell(conversation);
  }

  // A link of this user's or, without `link`, of another device.
  invites(conversation: Id, by: Id, conditions: Partial<Invite> = {}): Invite {
    const group = this.kept(conversation);
    const invite = {
      invite: `${++this.made_}`.padStart(64, '0'),
      needs_approval: false,
      by,
      joined: 0,
      ...conditions,
    };
    group.invites.push(invite);
    this.change(conversation, by, [{ what: 'invite_made' }]);
    return invite;
  }

  // The same link, of which this device knows something else.
  replaceInvite(conversation: Id, invite: Invite): void {
    const group = this.kept(conversation);
    group.invites = group.invites.map((each) => (each.invite === invite.invite ? invite : each));
    this.tell(conversation);
  }

  // Whether somebody shares a group with the user.
  knows(user: Id): boolean {
    return [...this.groups_.values()].some((group) => group.roles.has(user) || group.waiting.includes(user));
  }

  // ---- what commands do

  carryOut(command: GroupCommand): object {
    if (command.type === 'create_group') return this.create(command);
    const { conversation } = command;
    const group = this.groups_.get(conversation);
    if (group === undefined) return { error: 'unknown_conversation', message: 'unknown conversation' };
    const role = group.roles.get(this.world_.me);
    if (role === undefined) return { error: 'not_member', message: 'not a member' };
    if (!allows(group, role, command)) return { error: 'not_allowed', message: 'not allowed' };
    switch (command.type) {
      case 'add_members':
        return this.add(conversation, group, command.users);
      case 'remove_member':
        this.change(conversation, this.world_.me, [{ what: 'removed', users: [command.user] }]);
        return {};
      case 'leave_group':
        if (role === 'owner' && group.roles.size > 1) return { error: 'last_owner', message: 'last owner' };
        this.change(conversation, this.world_.me, [{ what: 'left', users: [this.world_.me] }]);
        return {};
      case 'set_role':
        this.change(conversation, this.world_.me, [
          { what: 'role', user: command.user, role: command.role },
          ...(command.role === 'owner'
            ? [{ what: 'role' as const, user: this.world_.me, role: 'admin' as const }]
            : []),
        ]);
        return {};
      case 'set_group':
        return this.set(group, command);
      case 'create_invite':
        return this.makeInvite(group, command);
      case 'revoke_invite':
        group.invites = group.invites.filter((each) => each.invite !== command.invite);
        this.change(conversation, this.world_.me, [{ what: 'invite_revoked' }]);
        return {};
      case 'decline_request':
        group.requests = group.requests.filter((user) => user !== command.user);
        this.tell(conversation);
        return {};
      case 'group_info':
        return this.unreachable ?? { group: this.infoOf(conversation, group, role) };
    }
  }

  private create({ name, description, members }: Extract<GroupCommand, { type: 'create_group' }>): object {
    if (members.length >= kMostMembers) return { error: 'group_full', message: 'group full' };
    const conversation = this.found({ name, members, ...(description === undefined ? {} : { description }) });
    return { chat: this.world_.log.chats.get(conversation) };
  }

  private add(conversation: Id, group: Kept, users: readonly Id[]): object {
    if (group.roles.size + users.length > kMostMembers) return { error: 'group_full', message: 'group full' };
    const not_added = users.flatMap((user) => {
      const refusal = this.refusals.get(user);
      return refusal === undefined ? [] : [{ user, ...refusal }];
    });
    const added = users.filter((user) => !this.refusals.has(user));
    if (added.length > 0) this.change(conversation, this.world_.me, [{ what: 'added', users: added }]);
    return { not_added };
  }

  private makeInvite(group: Kept, command: Extract<GroupCommand, { type: 'create_invite' }>): object {
    if (group.invites.length >= kMostInvites) return { error: 'too_many_invites', message: 'too many' };
    const { conversation, expires_in_ms, max_uses, needs_approval = false } = command;
    const invite = this.invites(conversation, this.world_.me, {
      link: `#join=${conversation.slice(-4)}${this.made_}`,
      needs_approval,
      ...(expires_in_ms === undefined ? {} : { expires_ms: this.world_.now() + expires_in_ms }),
      ...(max_uses === undefined ? {} : { max_uses }),
    });
    return { invite };
  }

  private set(group: Kept, command: Extract<GroupCommand, { type: 'set_group' }>): object {
    const { conversation, name, description } = command;
    const changes: GroupChange[] = [];
    if (name !== undefined) changes.push({ what: 'name', name });
    if (description !== undefined) {
      group.description = description;
      changes.push({ what: 'description' });
    }
    for (const what of ['may_send', 'may_edit', 'may_add'] as const) {
      const who = command[what];
      if (who !== undefined) changes.push({ what, who });
    }
    this.change(conversation, this.world_.me, changes);
    return {};
  }

  // The chat and the members as they are now.
  private tell(conversation: Id): void {
    const group = this.kept(conversation);
    const role = group.roles.get(this.world_.me);
    for (const user of group.roles.keys()) {
      const contact = this.world_.contact(user);
      if (contact !== undefined) this.world_.show({ type: 'contact', contact });
    }
    const chat = this.world_.log.chats.get(conversation);
    if (chat === undefined) return;
    const now: Chat = {
      ...chat,
      title: group.name,
      membership: role === undefined ? 'out' : 'member',
      may_send: role !== undefined && (group.may_send === 'everyone' || role !== 'member'),
    };
    delete now.role;
    delete now.requests;
    const asking = role === undefined ? 0 : shownRequests(group, role).length;
    if (asking > 0) now.requests = asking;
    this.world_.log.put(role === undefined ? now : { ...now, role });
    this.world_.show({ type: 'group_changed', conversation });
  }

  private infoOf(conversation: Id, group: Kept, role: Role): Group {
    const { name, description, may_send, may_edit, may_add, waiting, invites } = group;
    const members: Member[] = [...group.roles].map(([user, its]) => ({
      user,
      name: this.world_.contact(user)?.name ?? 'Somebody',
      role: its,
    }));
    const place = (member: Member) => (member.user === this.world_.me ? -1 : kRanks[member.role]);
    members.sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
    return {
      conversation,
      name,
      description,
      role,
      members,
      waiting: [...waiting],
      may_send,
      may_edit,
      may_add,
      invites: [...invites],
      requests: shownRequests(group, role).map((user) => ({
        user,
        name: this.world_.contact(user)?.name ?? 'Somebody',
      })),
    };
  }

  private kept(conversation: Id): Kept {
    const group = this.groups_.get(conversation);
    if (group === undefined) throw new Error(`There is no group ${conversation}.`);
    return group;
  }
}

// For those who may let people in.
function shownRequests(group: Kept, role: Role): readonly Id[] {
  return role !== 'member' || group.may_add === 'everyone' ? group.requests : [];
}

function apply(group: Kept, change: GroupChange): void {
  switch (change.what) {
    case 'created':
    case 'description':
    case 'invite_made':
    case 'invite_revoked':
      return;
    case 'added':
    case 'joined':
      for (const user of change.users) group.roles.set(user, 'member');
      group.waiting = group.waiting.filter((user) => !change.users.includes(user));
      group.requests = group.requests.filter((user) => !change.users.includes(user));
      return;
    case 'removed':
    case 'left':
      for (const user of change.users) group.roles.delete(user);
      return;
    case 'role':
      group.roles.set(change.user, change.role);
      return;
    case 'name':
      group.name = change.name;
      return;
    case 'may_send':
    case 'may_edit':
    case 'may_add':
      group[change.what] = change.who;
  }
}

function allows(group: Kept, role: Role, command: Exclude<GroupCommand, { type: 'create_group' }>): boolean {
  const admin = role !== 'member';
  switch (command.type) {
    case 'add_members':
    case 'decline_request':
      return admin || group.may_add === 'everyone';
    case 'remove_member':
      return admin && group.roles.get(command.user) !== 'owner';
    case 'set_role':
      return (
        role === 'owner' || (admin && command.role !== 'owner' && group.roles.get(command.user) !== 'owner')
      );
    case 'set_group': {
      const rules = command.may_send ?? command.may_edit ?? command.may_add;
      return admin || (rules === undefined && group.may_edit === 'everyone');
    }
    case 'create_invite':
    case 'revoke_invite':
      return admin;
    case 'leave_group':
    case 'group_info':
      return true;
  }
}
