// What the two implementations do with each other. Every scenario runs with each of them in the leading role: it founds
// the group and acts first, the other one answers.
import assert from 'node:assert/strict';
import { hex, kExtensions, Room } from './room.mjs';
import { walks } from './walk.mjs';

const kChanged = [kExtensions[0], [0xf4b1, hex('another policy')]];
const kPsk = { id: hex('psk'), secret: hex('a secret that came by another way') };

async function several_are_added_in_one_commit(make, [us, them]) {
  const room = await Room.found(make, [us, them], 1);
  const [first] = room.members;
  await room.commit(first, { add: [await make(them), await make(us), await make(them)] });
  await room.allTalk();
  await room.commit(room.members[1], { add: [await make(us), await make(them)] });
  await room.allTalk();
}

async function a_tree_is_given_beside_the_welcome(make, roles) {
  const room = await Room.found(make, roles, 2);
  const [first, second] = room.members;
  await room.commit(first, { add: [await make(roles[1]), await make(roles[0])], tree: 'beside' });
  await room.commit(second, { add: [await make(roles[1]), await make(roles[0])], tree: 'beside' });
  await room.allTalk();
}

async function everybody_opens_update_paths(make, roles) {
  const room = await Room.found(make, roles, 5);
  for (const member of [...room.members, ...room.members].reverse()) await room.commit(member);
  await room.allTalk();
}

async function members_are_removed(make, roles) {
  const room = await Room.found(make, roles, 7);
  const [first, second, , , fifth, sixth, seventh] = room.members;
  await room.commit(first, { remove: [second] });
  await room.commit(fifth, { remove: [sixth, seventh] });
  await room.commit(room.members[2], { remove: [first] });
  await room.allTalk();
  await room.commit(room.members[0], { remove: room.members.slice(1) });
  assert.equal(room.members.length, 1);
  await room.commit(room.members[0], { add: [await make(roles[0]), await make(roles[1])] });
  await room.allTalk();
}

async function a_removed_member_s_leaf_is_given_away_in_the_same_commit(make, [us, them]) {
  const room = await Room.found(make, [us, them], 5);
  for (const by of [0, 1]) {
    const { leaf } = room.members[3];
    const joiners = [await make(them), await make(us)];
    await room.commit(room.members[by], { remove: [room.members[2], room.members[3]], add: joiners });
    assert.ok(joiners.some((joiner) => joiner.leaf === leaf));
    await room.allTalk();
  }
}

// A leaf that is unmerged below, while a commit from the other half has merged the root; then somebody joins.
async function joiners_accept_a_tree_with_unmerged_leaves(make, [us, them]) {
  const room = await Room.found(make, [us, them], 5);
  const [first, , , fourth, fifth] = room.members;
  await room.commit(first, { remove: [fourth] });
  await room.commit(first, { add: [await make(them)], path: false });
  await room.commit(fifth);
  await room.commit(first, { add: [await make(us), await make(them)], path: false });
  await room.joinExternally(await make(us), first);
  await room.joinExternally(await make(them), first);
  for (const member of room.members) await room.commit(member);
  await room.allTalk();
}

async function newcomers_join_by_external_commits(make, [us, them]) {
  const room = await Room.found(make, [us, them], 3);
  const [first, second] = room.members;
  await room.joinExternally(await make(them), first);
  await room.joinExternally(await make(us), second);
  await room.joinExternally(await make(them), first, { tree: 'beside' });
  await room.joinExternally(await make(us), second, { tree: 'beside' });
  await room.allTalk();
  await room.commit(room.members.at(-1), { remove: [first], add: [await make(us)] });
  await room.allTalk();
}

async function one_joins_a_lonely_founder_by_external_commit(make, [us, them]) {
  const room = await Room.found(make, [us, them], 1);
  await room.joinExternally(await make(them), room.members[0]);
  await room.allTalk();
}

async function members_come_back_by_external_commits(make, roles) {
  const room = await Room.found(make, roles, 6);
  const [first, second, third, fourth] = room.members;
  await room.joinExternally(second, first);
  await room.joinExternally(first, second);
  await room.joinExternally(third, fourth, { tree: 'beside' });
  await room.joinExternally(fourth, third, { tree: 'beside' });
  for (const member of room.members) await room.commit(member);
  await room.allTalk();
}

async function messages_of_all_sizes_come_in_any_order(make, roles) {
  const room = await Room.found(make, roles, 3);
  for (const member of room.members) {
    const sealed = [];
    for (const data of ['', '00', 'ab'.repeat(63), 'cd'.repeat(20_000)]) {
      for (const beside of ['', hex('beside')]) sealed.push({ data, ...(await room.sealed(member, data, beside)) });
    }
    for (const i of [5, 0, 7, 1, 6, 2, 4, 3]) {
      await room.read(member, sealed[i].message, sealed[i].data, sealed[i].authenticatedData);
    }
  }
}

// Each kind of member proposes each kind of proposal, and commits them.
async function propose_and_commit(make, [us, them], asPrivateMessage) {
  const room = await Room.found(make, [us, them], 7);
  for (const committer of [0, 1]) {
    const [, second, third, fourth, fifth, sixth] = room.members.slice(committer);
    await room.propose(second, { add: await make(us), asPrivateMessage });
    await room.propose(third, { add: await make(them), asPrivateMessage });
    await room.propose(fourth, { update: true, asPrivateMessage });
    await room.propose(fifth, { update: true, asPrivateMessage });
    await room.propose(third, { remove: sixth, asPrivateMessage });
    await room.commit(room.members[committer], { asPrivateMessage });
    await room.allTalk();
    await room.commit(fourth);
    await room.commit(fifth);
  }
}
async function proposals_are_committed_by_reference(make, roles) {
  await propose_and_commit(make, roles, false);
}
async function private_proposals_are_committed_by_reference(make, roles) {
  await propose_and_commit(make, roles, true);
}

async function handshakes_travel_as_private_messages(make, [us, them]) {
  const room = await Room.found(make, [us, them], 4);
  const as = { asPrivateMessage: true };
  for (const member of [...room.members]) await room.commit(member, as);
  await room.commit(room.members[0], { add: [await make(them), await make(us)], ...as });
  await room.commit(room.members[1], { add: [await make(us)], ...as });
  await room.commit(room.members[0], { remove: [room.members[2]], ...as });
  await room.commit(room.members[1], { remove: [room.members[3]], ...as });
  await room.allTalk();
}

async function group_context_extensions_change(make, [us, them]) {
  const room = await Room.found(make, [us, them], 6);
  for (const by of [0, 1]) {
    // With a Remove, for which ts-mls makes a path: departure 2.
    await room.commit(room.members[by], { extensions: by ? kExtensions : kChanged, remove: [room.members.at(-1)] });
    await room.commit(room.members[by], { add: [await make(them), await make(us)] });
    await room.allTalk();
  }
  // By reference, committed by ours.
  const ours = room.members.find((member) => member.name.startsWith('kith'));
  for (const member of room.members.slice(0, 2)) {
    await room.propose(member, { extensions: member === room.members[0] ? kChanged : kExtensions });
    await room.commit(ours);
  }
  await room.commit(ours, { extensions: kChanged });
  await room.allTalk();
}

async function an_external_psk_goes_into_an_epoch(make, [us, them]) {
  const room = await Room.found(make, [us, them], 4);
  const joiners = [await make(us), await make(them)];
  for (const member of [...room.members, ...joiners]) await member.learnPsk(kPsk);
  await room.commit(room.members[0], { psks: [kPsk.id] });
  await room.commit(room.members[1], { psks: [kPsk.id] });
  await room.commit(room.members[0], { psks: [kPsk.id], add: [joiners[0]] });
  await room.commit(room.members[1], { psks: [kPsk.id], add: [joiners[1]] });
  await room.commit(room.members[0], { psks: [kPsk.id], asPrivateMessage: true });
  await room.propose(room.members[0], { psk: kPsk.id });
  await room.commit(room.members[1]);
  await room.propose(room.members[1], { psk: kPsk.id });
  await room.commit(room.members[0]);
  await room.allTalk();
}

async function an_outsider_asks_to_be_added(make, [us, them]) {
  const room = await Room.found(make, [us, them], 3);
  for (const kind of [them, us]) {
    await room.askToJoin(await make(kind), room.members[1]);
    await room.commit(room.members[0]);
  }
  await room.allTalk();
}

// One of everything, in a row.
async function a_group_lives(make, [us, them]) {
  const room = await Room.found(make, [us, them], 1);
  await room.commit(room.members[0], { add: [await make(them), await make(us)] });
  for (const member of [...room.members]) await room.commit(member);
  await room.allTalk();
  await room.commit(room.members[1], { add: [await make(us), await make(them)] });
  await room.propose(room.members[2], { update: true });
  await room.propose(room.members[1], { update: true });
  await room.commit(room.members[0]);
  await room.commit(room.members[1], { remove: [room.members[0]] });
  await room.joinExternally(await make(them), room.members[1]);
  await room.joinExternally(room.members[1], room.members[0]);
  await room.commit(room.members[1], { asPrivateMessage: true });
  await room.allTalk();
}

const everything = [
  a_group_lives,
  several_are_added_in_one_commit,
  a_tree_is_given_beside_the_welcome,
  everybody_opens_update_paths,
  members_are_removed,
  a_removed_member_s_leaf_is_given_away_in_the_same_commit,
  joiners_accept_a_tree_with_unmerged_leaves,
  newcomers_join_by_external_commits,
  one_joins_a_lonely_founder_by_external_commit,
  members_come_back_by_external_commits,
  messages_of_all_sizes_come_in_any_order,
  proposals_are_committed_by_reference,
  private_proposals_are_committed_by_reference,
  handshakes_travel_as_private_messages,
  group_context_extensions_change,
  an_external_psk_goes_into_an_epoch,
  an_outsider_asks_to_be_added,
];

const both = (suite, scenario) =>
  [
    ['kith', 'ts'],
    ['ts', 'kith'],
  ].map((roles) => ({
    name: `${scenario.name}: suite ${suite}, ${roles[0]} leads`,
    suite,
    run: (make) => scenario(make, roles),
  }));

// What ts-mls makes when it is not led back (README.md) is refused, and for the right reason.
async function code(work) {
  return work.then(
    () => 'it was accepted',
    (error) => error.code ?? error.message,
  );
}
const refusals = [
  {
    name: 'a_bare_external_pub_is_refused',
    suite: 3,
    run: async (make) => {
      const room = await Room.found(make, ['ts', 'kith'], 2);
      const { groupInfo } = await room.members[0].groupInfo({ bare: true });
      // By chance the key's first bytes are a length, short, long or ill-formed.
      const reasons = ['bad_group_info', 'truncated', 'trailing_bytes', 'not_minimal', 'bad_value', 'too_long'];
      const reason = await code((await make('kith')).joinExternal({ groupInfo }));
      assert.ok(reasons.includes(reason), reason);
    },
  },
  {
    name: 'group_context_extensions_without_a_path_are_refused',
    suite: 3,
    run: async (make) => {
      const room = await Room.found(make, ['ts', 'kith'], 2);
      const { commit } = await room.members[0].commit({ extensions: kChanged });
      assert.equal(await code(room.members[1].receive({ message: commit })), 'missing_path');
    },
  },
];

// `seed`: of the first of the random groups.
export const scenarios = (seed) => [
  ...[3, 1].flatMap((suite) => everything.flatMap((scenario) => both(suite, scenario))),
  ...[2, 4, 5, 6, 7].flatMap((suite) => both(suite, a_group_lives)),
  {
    name: 'our_signature_key_changes_with_a_commit',
    suite: 3,
    run: async (make) => {
      const room = await Room.found(make, ['kith', 'ts'], 4);
      await room.commit(room.members[0], { newSignatureKey: true });
      for (const member of room.members) await room.commit(member);
      await room.joinExternally(room.members[0], room.members[1]);
      await room.allTalk();
    },
  },
  ...refusals,
  ...walks(seed),
];
