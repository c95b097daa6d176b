import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';

const kFile = 'service_worker.js';
const kPlaceholder = '__KITH_SHELL__';

// Puts the list of the application's files, and a version that changes whenever one of them does, into the service worker.
export function serviceWorkerPlugin(publicDir: string): Plugin {
  return {
    name: 'kith-service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = new Map<string, string | Uint8Array>();
        for (const [name, output] of Object.entries(bundle)) {
          if (name !== kFile) files.set(`/${name}`, output.type === 'chunk' ? output.code : output.source);
        }
        for (const path of filesBelow(publicDir))
          files.set(`/${relative(publicDir, path)}`, readFileSync(path));
        const worker = bundle[kFile];
        if (worker?.type !== 'chunk') throw new Error(`${kFile} was not built.`);
        const shell = JSON.stringify({ version: versionOf(files), files: shellPaths([...files.keys()]) });
        if (!worker.code.includes(kPlaceholder)) throw new Error(`${kFile} does not ask for its list.`);
        worker.code = worker.code.replace(kPlaceholder, () => shell);
      },
    },
  };
}

// The page itself is kept under "/". Fonts of other scripts are kept when they are first used.
function shellPaths(paths: string[]): string[] {
  const kept = paths.filter(
    (path) => path !== '/licences.txt' && (!path.endsWith('.woff2') || /inter-latin-wght/u.test(path)),
  );
  return kept.map((path) => (path === '/index.html' ? '/' : path)).sort();
}

function versionOf(files: ReadonlyMap<string, string | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const name of [...files.keys()].sort()) hash.update(`${name}\0`).update(files.get(name) ?? '');
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
