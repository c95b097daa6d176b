// Runs the MLS vectors in WebAssembly under Node: node run-vectors.mjs MODULE.wasm VECTORS_FOLDER
// Prints a line a file and a last line "N passed, N failed" (", N skipped"). Ends with 1 where something failed.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { kithImports } from '../../src/crypto/host/kith_host.js';

const [modulePath, vectors] = process.argv.slice(2);
if (!modulePath || !vectors) {
  console.error('usage: run-vectors.mjs MODULE.wasm VECTORS_FOLDER');
  process.exit(2);
}
if (!existsSync(modulePath)) {
  console.log('skipped: the WebAssembly module is not built');
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}
// The crypto library is a dependency of the web client; the tests use the same one.
const require = createRequire(fileURLToPath(new URL('../../web/package.json', import.meta.url)));
const sodium = require('libsodium-wrappers-sumo');
await sodium.ready;

let instance;
const imports = kithImports(sodium, () => instance.exports.memory, (text) => console.log(`  ${text}`));
({ instance } = await WebAssembly.instantiate(readFileSync(modulePath), imports));
instance.exports._initialize();

const names = [
  'tree-math', 'deserialization', 'messages', 'crypto-basics', 'key-schedule', 'psk_secret', 'secret-tree',
  'transcript-hashes', 'message-protection', 'welcome', 'tree-validation', 'treekem', 'passive-client-welcome',
  'passive-client-handling-commit',
];
// Not a file: points and signatures that libraries judge differently.
const kEdgeCases = { 'edge-cases': '[{"cipher_suite": 3}]' };

let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of [...Object.keys(kEdgeCases), ...names]) {
  let text;
  try {
    text = Buffer.from(kEdgeCases[name] ?? readFileSync(`${vectors}/mls/${name}.json`));
  } catch {
    console.log(`skipped: ${name}, no vectors here`);
    ++skipped;
    continue;
  }
  const head = Buffer.from(name);
  const address = instance.exports.vectors_input(head.length + text.length);
  const memory = new Uint8Array(instance.exports.memory.buffer);
  memory.set(head, address);
  memory.set(text, address + head.length);
  const failures = instance.exports.vectors_run(head.length);
  const cases = instance.exports.vectors_cases();
  const good = failures === 0 && cases > 0;
  console.log(`${good ? 'passed' : 'FAILED'} ${name}: ${cases} cases, ${failures} failures`);
  good ? ++passed : ++failed;
}
console.log(`${passed} passed, ${failed} failed` + (skipped ? `, ${skipped} skipped` : ''));
process.exit(failed ? 1 : 0);
