// Groups that grow, shrink and change at random, from a seed: who does what to whom is the same in every run (the keys of
// ts-mls's members are not). A failure's name has the seed, its sentence the step.
import { Room } from './room.mjs';

// Xorshift (Marsaglia 2003) over 32 bits.
class Random {
  constructor(seed) {
    this.state = (seed * 0x9e3779b1) | 1;
  }
  below(limit) {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }
  chance(percent) {
    return this.below(100) < percent;
  }
  // `count` different ones of these.
  pick(from, count) {
    const left = [...from];
    return Array.from({ length: count }, () => left.splice(this.below(left.length), 1)[0]);
  }
}

class Walk {
  constructor(make, seed) {
    this.random = new Random(seed);
    this.make = make;
  }
  one() {
    return this.make(this.random.chance(50) ? 'kith' : 'ts');
  }
  some(most) {
    return Promise.all(Array.from({ length: 1 + this.random.below(most) }, () => this.one()));
  }
  framing() {
    return { asPrivateMessage: this.random.chance(20) };
  }
  how() {
    // Only ours asks for a commit without a path, and obeys where the RFC lets it.
    return {
      path: this.random.chance(60),
      tree: this.random.chance(80) ? 'in the Welcome' : 'beside',
      ...this.framing(),
    };
  }

  // From two members to `target`, and on from there for a while.
  async run({ target, growth, after }) {
    this.growth = growth;
    this.room = await Room.found(this.make, this.random.chance(50) ? ['kith', 'ts'] : ['ts', 'kith'], 2);
    for (let step = 1, left = after; left > 0; ++step) {
      const grown = this.room.members.length >= target;
      if (grown || left < after) --left;
      const kind = this.choose(grown);
      try {
        await this[kind]();
        await this.room.say(this.random.pick(this.room.members, 1)[0]);
      } catch (error) {
        throw new Error(`step ${step} (${kind}): ${error.message}`, { cause: error });
      }
    }
  }
  choose(grown) {
    if (this.room.members.length < 5) return 'grow';
    const kinds = ['shrink', 'exchange', 'update', 'join', 'return', 'propose'];
    return this.random.pick(grown ? kinds : [...kinds, 'grow', 'grow', 'grow', 'grow'], 1)[0];
  }

  async grow() {
    const [by] = this.random.pick(this.room.members, 1);
    await this.room.commit(by, { add: await this.some(this.growth), ...this.how() });
  }
  async shrink() {
    const [by, ...remove] = this.random.pick(this.room.members, 2 + this.random.below(2));
    await this.room.commit(by, { remove, ...this.framing() });
  }
  async exchange() {
    const [by, ...remove] = this.random.pick(this.room.members, 2 + this.random.below(2));
    await this.room.commit(by, { remove, add: await this.some(3), ...this.how() });
  }
  async update() {
    await this.room.commit(this.random.pick(this.room.members, 1)[0], this.framing());
  }
  async join() {
    await this.room.joinExternally(await this.one(), this.random.pick(this.room.members, 1)[0]);
  }
  async return() {
    await this.room.joinExternally(...this.random.pick(this.room.members, 2));
  }
  async propose() {
    const [by, adder, remover, removed, updater] = this.random.pick(this.room.members, 5);
    await this.room.propose(adder, { add: await this.one(), ...this.framing() });
    await this.room.propose(remover, { remove: removed, ...this.framing() });
    await this.room.propose(updater, { update: true, ...this.framing() });
    await this.room.commit(by, this.how());
  }
}

const walk = (suite, seed, options) => ({
  name: `a_group_changes_at_random: suite ${suite}, seed ${seed}, up to ${options.target} members`,
  suite,
  run: (make) => new Walk(make, seed).run(options),
});

export const walks = (first) => [
  ...[0, 1, 2, 3, 4, 5].map((i) => walk(i % 2 ? 1 : 3, first + i, { target: 10, growth: 2, after: 20 })),
  ...[6, 7].map((i) => walk(i % 2 ? 1 : 3, first + i, { target: 50, growth: 8, after: 5 })),
];
