// A member played by our library, in the program of mls_peer.cpp, which says what the operations take and answer.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const renamed = (object, rename) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [rename(key), value]));
const toSnake = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamel = (key) => key.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase());

// The program. It answers in the order in which it is asked, so that questions need not wait for one another.
export class Peer {
  #child;
  #waiting = [];
  #gone;

  constructor(path) {
    this.#child = spawn(path, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift().resolve(line));
    const gone = (why) => {
      this.#gone ??= new Error(`the peer program is gone: ${why}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#gone);
    };
    this.#child.on('error', gone);
    this.#child.on('close', (code, signal) => gone(signal ?? `it ended with ${code}`));
    this.#child.stdin.on('error', gone);
  }

  async ask(request) {
    if (this.#gone) throw this.#gone;
    const line = await new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(renamed(request, toSnake))}\n`);
    });
    const answer = JSON.parse(line);
    if (answer.error) throw Object.assign(new Error(`${answer.error}, ${answer.detail}`), { code: answer.error });
    return renamed(answer, toCamel);
  }

  close() {
    this.#child.stdin.end();
  }
}

export class KithMember {
  #peer;
  #id;

  // `id` is the member's name in the program, `name` that for people.
  static async make(peer, suite, name, id, seed) {
    const member = new KithMember();
    member.#peer = peer;
    member.#id = id;
    member.name = name;
    Object.assign(member, await member.#ask('new_member', { suite, seed }));
    return member;
  }

  #ask(op, request = {}) {
    return this.#peer.ask({ op, member: this.#id, ...request });
  }
  learnPsk(request) {
    return this.#ask('learn_psk', request);
  }
  create(request) {
    return this.#ask('create', request);
  }
  commit(request) {
    return this.#ask('commit', request);
  }
  join(request) {
    return this.#ask('join', request);
  }
  joinExternal(request) {
    return this.#ask('join_external', request);
  }
  propose(request) {
    return this.#ask('propose', request);
  }
  askToJoin(request) {
    return this.#ask('ask_to_join', request);
  }
  protect(request) {
    return this.#ask('protect', request);
  }
  receive(request) {
    return this.#ask('receive', request);
  }
  groupInfo(request) {
    return this.#ask('group_info', request);
  }
  state() {
    return this.#ask('state');
  }
}
