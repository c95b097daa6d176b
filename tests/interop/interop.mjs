// Our MLS and ts-mls in one group: node interop.mjs PEER [PART_OF_A_NAME [SEED]], PEER being the program
// kith_mls_peer and SEED that of the first random group.
// Prints a line a scenario and a last line "N passed, N failed" (", N skipped"). Ends with 1 where something failed.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { KithMember, Peer } from './kith_member.mjs';
import * as hooks from './ts_hooks.mjs';

const [program, part = '', seed = '1'] = process.argv.slice(2);
if (!program) {
  console.error('usage: interop.mjs PEER [PART_OF_A_NAME [SEED]]');
  process.exit(2);
}
if (!existsSync(new URL('node_modules/ts-mls/package.json', import.meta.url))) {
  console.log('skipped: interop, its npm packages are not installed');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}
// Before the first import of ts-mls. Newer Nodes have registerHooks and warn of register.
if (nodeModule.registerHooks) nodeModule.registerHooks(hooks);
else nodeModule.register('./ts_hooks.mjs', import.meta.url);
const { TsMember } = await import('./ts_member.mjs');
const { scenarios } = await import('./scenarios.mjs');

const peer = new Peer(program);
let passed = 0;
let failed = 0;
for (const { name, suite, run } of scenarios(Number(seed))) {
  if (!name.includes(part)) continue;
  // Every scenario has people of its own; ours have the same keys in every run.
  let born = 0;
  const make = (kind) => {
    const called = `${kind}${++born}`;
    if (kind === 'ts') return TsMember.make(suite, called);
    return KithMember.make(peer, suite, called, `${called} of ${name}`, born);
  };
  try {
    await run(make);
    console.log(`passed ${name}`);
    ++passed;
  } catch (error) {
    console.log(`FAILED ${name}: ${error.message}`);
    ++failed;
  }
}
peer.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
