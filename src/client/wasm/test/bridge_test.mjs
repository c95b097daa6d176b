// The bridge under Node: node bridge_test.mjs KITH.wasm. A core registers against answers made here, asks its store, and starts again from
// its rows. Prints a last line "N passed, N failed".
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadBridge } from '../bridge.js';

const [modulePath] = process.argv.slice(2);
if (!modulePath || !existsSync(modulePath)) {
  console.log('skipped: the WebAssembly module is not built');
  console.log('0 passed, 0 failed');
  process.exit(0);
}
const require = createRequire(fileURLToPath(new URL('../../../../web/package.json', import.meta.url)));
const sodium = require('libsodium-wrappers-sumo');
await sodium.ready;
const bridge = await loadBridge(await WebAssembly.compile(readFileSync(modulePath)), sodium, require('fflate'));

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const kUser = '00000000000000000000000000000007';
const kTokens = { access_token: 'access', expires_in_ms: 900000, refresh_token: 'cmVmcmVzaA' };

// A shell in as few lines as possible: rows in a map, requests answered by `answer`, sockets only written down.
class Shell {
  constructor(rows, answer) {
    this.rows = rows;
    this.answer = answer;
    this.now = 1_700_000_000_000;
    this.events = [];
    this.frames = [];
    this.inputs = [];
    this.core = bridge.create();
    const boot = [...rows].sort().filter(([key]) => key.startsWith(hex(Buffer.from('b')))).map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }));
    this.run(() => this.core.start(this.now, boot));
  }
  // Inputs that an output leads to are given behind it: outputs are carried out one after the other.
  run(input) {
    this.inputs.push(input);
    while (this.inputs.length) this.carry(this.inputs.shift()());
  }
  carry(output) {
    const generation = this.rows.get(hex(Buffer.from('b!generation')));
    if (output.persist.writes.length) {
      assert.equal(output.persist.generation, generation ? Buffer.from(generation).readBigUInt64BE() : 0n);
    }
    for (const { key, value } of output.persist.writes) value ? this.rows.set(hex(key), value) : this.rows.delete(hex(key));
    for (const what of output.transmit) {
      if (what.kind === 'http') {
        const { status, body } = this.answer(what);
        this.inputs.push(() => this.core.httpResponse(++this.now, what.id, status, JSON.stringify(body)));
      } else if (what.kind === 'open_socket') {
        this.inputs.push(() => this.core.socketOpened(++this.now, what.socket));
      } else if (what.kind === 'send_frame') {
        this.frames.push(what.frame);
      }
    }
    this.events.push(...output.show.map((text) => JSON.parse(text)));
    for (const load of output.load) {
      const found = [...this.rows].sort().filter(([key]) => key >= hex(load.from) && key < hex(load.to));
      if (load.reverse) found.reverse();
      const rows = found.slice(0, load.limit).map(([key, value]) => ({ key: Buffer.from(key, 'hex'), value }));
      this.inputs.push(() => this.core.loaded(++this.now, load.id, rows));
    }
  }
  command(command) {
    this.run(() => this.core.command(++this.now, JSON.stringify({ id: 1, ...command })));
    return this.events.findLast((event) => event.type === 'done' || event.type === 'failed');
  }
  get account() {
    return this.events.findLast((event) => event.type === 'account').account;
  }
}

const answers = {
  '/v1/registrations': () => ({ status: 201, body: { registration: 'r1', resend_after_ms: 1, expires_in_ms: 2 } }),
  '/v1/registrations/r1/code': () => ({ status: 200, body: { user: kUser, proof: 'p' } }),
  '/v1/accounts': (body) => ({ status: 201, body: { user: kUser, device: body.device.device, ...kTokens } }),
  '/v1/contacts/find': () => ({ status: 200, body: { user: 'ab'.repeat(16), name: 'Zoë', identity_key: 'A'.repeat(43) } }),
};
let created;
const answer = ({ path, body, bearer }) => {
  if (path === '/v1/accounts') created = JSON.parse(body);
  if (path === '/v1/contacts/find') assert.equal(bearer, 'access');
  return answers[path]?.(JSON.parse(body)) ?? { status: 404, body: { error: 'not_found', message: '' } };
};

const rows = new Map();
const tests = {
  'a core registers and greets on its socket'() {
    const shell = new Shell(rows, answer);
    assert.equal(shell.account.stage, 'new');
    assert.equal(shell.command({ type: 'register', email: 'zoë@example.org' }).type, 'done');
    assert.equal(shell.command({ type: 'confirm_code', code: '1' }).type, 'done');
    assert.equal(shell.command({ type: 'create_account', name: 'Zoë', device_name: '' }).type, 'done');
    assert.equal(shell.account.stage, 'recovery_key');
    assert.equal(shell.account.recovery_key.length, 7);
    assert.equal(created.key_packages.length, 50);
    assert.equal(created.name, 'Zoë');
    assert.equal(shell.frames.length, 1);
    shell.core.destroy();
  },
  'it starts again from its rows, and its messages are asked of the store'() {
    const shell = new Shell(rows, answer);
    assert.equal(shell.account.stage, 'recovery_key');
    assert.equal(shell.account.name, 'Zoë');
    const { contact } = shell.command({ type: 'find_contact', phone: '1' });
    assert.equal(contact.name, 'Zoë');
    const { message } = shell.command({ type: 'send', user: contact.user, text: 'später 🙂' });
    assert.equal(message.state, 'pending');
    const again = new Shell(rows, answer);
    const listed = again.command({ type: 'list_messages', conversation: message.conversation, limit: 10 });
    assert.equal(listed.messages[0].text, 'später 🙂');
  },
  'bytes that are no frame end the connection with a warning'() {
    const shell = new Shell(rows, answer);
    shell.run(() => shell.core.socketFrame(++shell.now, 1, new Uint8Array([1, 2, 3])));
    assert.ok(shell.events.some((event) => event.type === 'warning' && event.code === 'connection_refused'));
    assert.ok(shell.core.tick(shell.now).wakeAt > shell.now);
  },
};

let failed = 0;
for (const [name, run] of Object.entries(tests)) {
  try {
    run();
    console.log(`passed ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
