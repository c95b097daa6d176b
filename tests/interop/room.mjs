// A group, its members of both kinds, and a log that delivers what they commit. After every epoch all members must agree.
import assert from 'node:assert/strict';

export const hex = (text) => Buffer.from(text).toString('hex');
// required_capabilities: extension 0xF4B1 and basic credentials; and an extension of that type.
export const kExtensions = [
  [3, '02f4b100020001'],
  [0xf4b1, hex('policy')],
];

// Says who could not do what.
async function doing(member, what, work) {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${member.name} can't ${what}: ${error.message}`, { cause: error });
  }
}

export class Room {
  #said = 0;
  #proposed = { add: [], remove: [] };
  members = [];

  // A group by a member of `us` with `count` members, of both kinds in turn. `make(kind)` gives a new member.
  static async found(make, [us, them], count) {
    const room = new Room();
    await room.create(await make(us));
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, i) => make(i % 2 ? us : them)));
    if (others.length) await room.commit(room.members[0], { add: others });
    return room;
  }
  async create(founder) {
    const group = { groupId: hex(`of ${founder.name}`), extensions: kExtensions };
    await doing(founder, 'create a group', founder.create(group));
    this.members = [founder];
    await this.agree();
  }

  // A commit by `by` that adds and removes these members, takes what was proposed, and whatever else the members'
  // commit() takes.
  async commit(by, { add = [], remove = [], tree = 'in the Welcome', ...more } = {}) {
    const authenticatedData = hex(`commit ${++this.#said} by ${by.name}`);
    const made = await doing(
      by,
      'commit',
      by.commit({
        adds: add.map((member) => member.keyPackage),
        removes: remove.map((member) => member.leaf),
        treeInWelcome: tree === 'in the Welcome',
        authenticatedData,
        ...more,
      }),
    );
    const proposed = this.#proposed;
    this.#proposed = { add: [], remove: [] };
    await this.deliver(by, made.commit, authenticatedData, [...remove, ...proposed.remove]);
    await this.welcome(by, made.welcome, [...add, ...proposed.add], tree);
    await this.agree();
  }
  async deliver(by, message, authenticatedData, leaving = []) {
    await Promise.all(
      this.members
        .filter((member) => member !== by)
        .map(async (member) => {
          const seen = await doing(member, `process a commit of ${by.name}`, member.receive({ message }));
          const expected = { kind: 'commit', authenticatedData, removed: leaving.includes(member) };
          assert.deepEqual(seen, expected, `what ${member.name} saw of a commit of ${by.name}`);
        }),
    );
    this.members = this.members.filter((member) => !leaving.includes(member));
  }
  async welcome(by, welcome, added, tree) {
    assert.equal(welcome === '', added.length === 0, 'a Welcome exactly where somebody was added');
    if (!added.length) return;
    const beside = tree === 'in the Welcome' ? {} : { tree: (await by.groupInfo({ tree: false })).tree };
    await Promise.all(
      added.map((member) => doing(member, `join by the Welcome of ${by.name}`, member.join({ welcome, ...beside }))),
    );
    this.members.push(...added);
  }

  // `who` joins from the GroupInfo of `by`; one who is in comes back and its old leaf goes.
  async joinExternally(who, by, { tree = 'in the GroupInfo' } = {}) {
    const info = await doing(by, 'make a GroupInfo', by.groupInfo({ tree: tree === 'in the GroupInfo' }));
    const authenticatedData = hex(`external commit ${++this.#said} by ${who.name}`);
    const back = this.members.includes(who);
    const made = await doing(
      who,
      `join from the GroupInfo of ${by.name}`,
      who.joinExternal({
        groupInfo: info.groupInfo,
        ...(tree === 'in the GroupInfo' ? {} : { tree: info.tree }),
        ...(back ? { remove: who.leaf } : {}),
        authenticatedData,
      }),
    );
    await this.deliver(who, made.commit, authenticatedData);
    if (!back) this.members.push(who);
    await this.agree();
  }

  // A proposal that everybody hears of; it goes into the next commit.
  async propose(by, { add, remove, ...proposal }) {
    const request = { ...proposal, authenticatedData: hex(`proposal ${++this.#said} by ${by.name}`) };
    if (add) request.add = add.keyPackage;
    if (remove) request.remove = remove.leaf;
    const { message } = await doing(by, 'propose', by.propose(request));
    if (add) this.#proposed.add.push(add);
    if (remove) this.#proposed.remove.push(remove);
    await this.hear(message, by);
  }
  // One outside proposes to be added, to the group that the GroupInfo of `by` shows.
  async askToJoin(guest, by) {
    const { message } = await doing(guest, 'ask to join', guest.askToJoin(await by.groupInfo()));
    this.#proposed.add.push(guest);
    await this.hear(message);
  }
  async hear(message, by) {
    await Promise.all(
      this.members
        .filter((member) => member !== by)
        .map(async (member) => {
          const { kind } = await doing(member, 'process a proposal', member.receive({ message }));
          assert.equal(kind, 'proposal');
        }),
    );
  }

  // An application message of `by` is read by everybody else.
  async say(by, data = hex(`message ${++this.#said} by ${by.name}`)) {
    const { message, authenticatedData } = await this.sealed(by, data);
    await this.read(by, message, data, authenticatedData);
  }
  async sealed(by, data, authenticatedData = hex(`beside ${++this.#said}`)) {
    const { message } = await doing(by, 'protect a message', by.protect({ data, authenticatedData }));
    return { message, authenticatedData };
  }
  async read(by, message, data, authenticatedData) {
    await Promise.all(
      this.members
        .filter((member) => member !== by)
        .map(async (member) => {
          const seen = await doing(member, `read a message of ${by.name}`, member.receive({ message }));
          const expected = { kind: 'application', sender: by.leaf, data, authenticatedData };
          assert.deepEqual(seen, expected, `what ${member.name} read of ${by.name}`);
        }),
    );
  }
  async allTalk() {
    for (const member of this.members) await this.say(member);
  }

  // All are in one epoch, with the same secrets and the same tree, each at a leaf of its own.
  async agree() {
    const states = await Promise.all(this.members.map((member) => doing(member, 'tell its state', member.state())));
    states.forEach((state, i) => {
      const differ = Object.keys(state).filter((field) => field !== 'leaf' && state[field] !== states[0][field]);
      assert.deepEqual(differ, [], `${this.members[i].name} and ${this.members[0].name} differ in ${differ}`);
      this.members[i].leaf = state.leaf;
    });
    assert.equal(new Set(states.map(({ leaf }) => leaf)).size, states.length, 'two members at one leaf');
  }
}
