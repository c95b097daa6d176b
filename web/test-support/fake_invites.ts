// What invite links lead to, at the scripted core: groups of somebody else's, which the user comes into or asks to.

import type { Command, Id } from '../../schema/core';
import type { FakeGroups } from './fake_groups';

type InviteCommand = Extract<Command, { type: 'look_at_invite' | 'join_group' }>;

interface Offer {
  name: string;
  by: Id;
  needs_approval?: boolean;
  // Of a group that the user is in.
  conversation?: Id;
}

const kUnmade: Id = 'f'.repeat(64);

export class FakeInvites {
  // By their links.
  readonly offers = new Map<string, Offer>();

  constructor(
    private readonly me_: Id,
    private readonly groups_: FakeGroups,
  ) {}

  carryOut({ type, link }: InviteCommand): object {
    const offer = this.offers.get(link);
    if (offer === undefined) return { error: 'invalid_argument', message: 'not an invite link' };
    const { name, by, conversation, needs_approval = false } = offer;
    if (type === 'look_at_invite') {
      const is_member = conversation !== undefined;
      return { conversation: conversation ?? kUnmade, name, needs_approval, is_member };
    }
    if (needs_approval) return { conversation: kUnmade, asked: true };
    offer.conversation = this.groups_.found({ name, by, members: [] });
    this.groups_.change(offer.conversation, this.me_, [{ what: 'joined', users: [this.me_] }]);
    return { conversation: offer.conversation, joined: true };
  }
}
