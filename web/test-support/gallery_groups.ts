// The gallery's screens of groups.

import type { FakeCore } from './fake_core';
import { filled, kDay, kHiking, kMinute, now, userOf } from './gallery_chats';

const kHostile =
  'Zoë \u202ethgir eht ot lla si sihT 👩‍👩‍👧‍👦🏴‍☠️ <b>bold</b> محمد_the_never_ending_name_without_any_place_to_break_it';

function open(core: FakeCore, place: string): void {
  core.start();
  window.location.hash = place;
}

function inside(core: FakeCore, conversation: string, beside: string): void {
  open(core, `#/group/${conversation}${beside}`);
}

// A group of somebody else's, with more people than are found by looking.
function choir(core: FakeCore, may: 'everyone' | 'admins'): string {
  const names = 'Anouk Boris Carla Dmitri Elif Farid Greta Hugo Ines Jonas Katja Liam'.split(' ');
  const users = names.map((name, index) => {
    const user = userOf((0x40 + index).toString(16));
    core.knows({ user, name: `${name} ${'ABCDEF'.charAt(index % 6)}.` });
    return user;
  });
  const [owner = '', admin = '', ...others] = users;
  const at = now - 3 * kDay;
  const conversation = core.groups.found({
    name: 'Choir',
    description: 'Tuesdays at half past seven, in the old school.',
    by: owner,
    members: [core.account.user ?? '', admin, ...others],
    may_add: may,
    may_edit: may,
    at,
  });
  core.groups.change(conversation, owner, [{ what: 'role', user: admin, role: 'admin' }], at + kMinute);
  core.receivesIn(conversation, admin, 'No rehearsal next week: the school is closed.', at + 2 * kMinute);
  core.readUpToIn(conversation, 999);
  return conversation;
}

export const groupScreens: Record<string, (core: FakeCore) => void> = {
  group: (core) => {
    filled(core);
    inside(core, kHiking, '');
  },
  group_owner: (core) => {
    filled(core);
    core.groups.waits(kHiking, userOf('07'));
    inside(core, kHiking, '/info');
  },
  group_member: (core) => {
    filled(core);
    inside(core, choir(core, 'admins'), '/info');
  },
  group_add: (core) => {
    filled(core);
    inside(core, kHiking, '/add');
  },
  group_closed: (core) => {
    filled(core);
    const conversation = choir(core, 'admins');
    core.groups.change(conversation, userOf('40'), [{ what: 'may_send', who: 'admins' }], now - kMinute);
    inside(core, conversation, '');
  },
  group_out: (core) => {
    filled(core);
    const conversation = choir(core, 'everyone');
    const me = core.account.user ?? '';
    core.groups.change(conversation, userOf('41'), [{ what: 'removed', users: [me] }], now - kMinute);
    inside(core, conversation, '/info');
  },
  group_fresh: (core) => {
    filled(core);
    const conversation = core.groups.found({ name: 'Boat', members: [userOf('a1'), userOf('c3')] });
    inside(core, conversation, '');
  },
  group_hostile: (core) => {
    filled(core);
    const user = userOf('66');
    core.knows({ user, name: kHostile });
    const conversation = core.groups.found({
      name: kHostile,
      members: [user, userOf('a1')],
      description: kHostile,
    });
    core.groups.change(conversation, user, [{ what: 'name', name: kHostile }]);
    core.receivesIn(conversation, user, 'Hello');
    inside(core, conversation, '/info');
  },
  group_invites: (core) => {
    filled(core);
    core.groups.invites(kHiking, core.account.user ?? '', {
      link: '#join=one',
      expires_ms: now + 7 * kDay,
      max_uses: 10,
    });
    core.groups.invites(kHiking, userOf('b2'), { needs_approval: true });
    core.groups.invites(kHiking, userOf('b2'), { link: '#join=two', expires_ms: now - kDay });
    core.groups.invites(kHiking, core.account.user ?? '', { link: '#join=three', max_uses: 2, joined: 2 });
    core.groups.asks(kHiking, userOf('f6'));
    core.groups.asks(kHiking, userOf('18'));
    inside(core, kHiking, '/info');
  },
  namesakes: (core) => {
    filled(core);
    const twin = userOf('77');
    core.knows({ user: twin, name: 'Mira Okafor' });
    core.receives(twin, 'Is this still your number?', now - kMinute);
    core.invites.requests(
      { conversation: 'e'.repeat(64), name: 'Choir', asked_ms: now - kDay },
      { conversation: 'd'.repeat(64), name: 'Rowing', asked_ms: now - kDay, refusal: 'declined' },
    );
    const conversation = core.groups.found({ name: 'Boat', members: [userOf('b2'), twin, userOf('a1')] });
    inside(core, conversation, '/info');
  },
  join: (core) => {
    filled(core);
    core.invites.offers.set('#join=one', { name: 'Choir', by: userOf('a1') });
    open(core, '#join=one');
  },
  join_ask: (core) => {
    filled(core);
    core.invites.offers.set('#join=one', { name: kHostile, by: userOf('a1'), needs_approval: true });
    open(core, '#join=one');
  },
  join_nowhere: (core) => {
    filled(core);
    core.failures.set('look_at_invite', { error: 'invite_revoked', message: 'x' });
    open(core, '#join=one');
  },
  new_group: (core) => {
    filled(core);
    open(core, '#/new/group');
  },
};
