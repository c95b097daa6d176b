// What invite links lead to, at the scripted core: groups of somebody else's, which the user comes into or asks to.

import type { Command, Event, Id, JoinRequest } from '../../schema/core';
import type { FakeGroups } from './fake_groups';

type InviteCommand = Extract<Command, { type: 'look_at_invite' | 'join_group' | 'forget_join_request' }>;

interface Offer {
  name: string;
  by: Id;
  needs_approval?: boolean;
  // Of a group that the user is in.
  conversation?: Id;
}

export const kUnmade: Id = 'f'.repeat(64);

export class FakeInvites {
  // By their links.
  readonly offers = new Map<string, Offer>();
  private requests_: readonly JoinRequest[] = [];

  constructor(
    private readonly me_: Id,
    private readonly groups_: FakeGroups,
    private readonly show_: (...events: Event[]) => void,
  ) {}

  // Where the user waits to be let in, and what became of it.
  requests(...requests: JoinRequest[]): void {
    this.requests_ = requests;
    this.show_({ type: 'join_requests', requests });
  }

  carryOut(command: InviteCommand): object {
    if (command.type === 'forget_join_request') {
      this.requests(...this.requests_.filter((each) => each.conversation !== command.conversation));
      return {};
    }
    const { type, link } = command;
    const offer = this.offers.get(link);
    if (offer === undefined) return { error: 'invalid_argument', message: 'not an invite link' };
    const { name, by, conversation, needs_approval = false } = offer;
    if (type === 'look_at_invite') {
      const is_member = conversation !== undefined;
      return { conversation: conversation ?? kUnmade, name, needs_approval, is_member };
    }
    if (needs_approval) {
      this.requests({ conversation: kUnmade, name, asked_ms: 0 });
      return { conversation: kUnmade, asked: true };
    }
    offer.conversation = this.groups_.found({ name, by, members: [] });
    this.groups_.change(offer.conversation, this.me_, [{ what: 'joined', users: [this.me_] }]);
    return { conversation: offer.conversation, joined: true };
  }
}
