// Compression in WebAssembly under Node: node run-compress.mjs MODULE.wasm. Ends with 1 where something failed.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compressImports } from '../../src/compress/host/kith_compress.js';
import { kithImports } from '../../src/crypto/host/kith_host.js';

const [modulePath] = process.argv.slice(2);
if (!modulePath || !existsSync(modulePath)) {
  console.log('skipped: the WebAssembly module is not built');
  process.exit(0);
}
const require = createRequire(fileURLToPath(new URL('../../web/package.json', import.meta.url)));
let instance;
const memory = () => instance.exports.memory;
const imports = { ...kithImports({}, memory), ...compressImports(require('fflate'), memory) };
({ instance } = await WebAssembly.instantiate(readFileSync(modulePath), imports));
instance.exports._initialize();
const wrong = instance.exports.compress_check();
console.log(wrong === 0 ? '1 passed, 0 failed' : `0 passed, 1 failed: check ${wrong}`);
process.exit(wrong === 0 ? 0 : 1);
