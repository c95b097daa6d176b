// What MLS costs in a browser's engine: node bench/wasm_bench.mjs MODULE.wasm. Prints the median of each operation.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { kithImports } from '../src/crypto/host/kith_host.js';

const kOperations = ['protect + unprotect 200 bytes', 'self-update commit', 'add commit', 'receive a commit', 'join by Welcome'];
const kSizes = [2, 128, 500];
const kMillis = 400; // of each operation

const require = createRequire(new URL('../web/package.json', import.meta.url));
const sodium = require('libsodium-wrappers-sumo');
await sodium.ready;
let instance;
const imports = kithImports(sodium, () => instance.exports.memory, (text) => console.error(text));
({ instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), imports));
instance.exports._initialize();

for (const members of kSizes) {
  instance.exports.bench_prepare(members);
  kOperations.forEach((name, operation) => {
    const times = [];
    for (const end = performance.now() + kMillis; times.length < 3 || performance.now() < end; ) {
      const begin = performance.now();
      if (instance.exports.bench_run(operation) !== 1) throw new Error(`${name} failed`);
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    console.log(`${name.padEnd(32)}${String(members).padStart(5)} members${times[times.length >> 1].toFixed(3).padStart(10)} ms`);
  });
}
