import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

// What others made and is part of the built client.
const kShipped = [
  'react',
  'react-dom',
  'scheduler',
  'fflate',
  'libsodium-sumo',
  'libsodium-wrappers-sumo',
  'qr',
  '@fontsource-variable/inter',
];

// Emits their licences as licences.txt.
export function licencesPlugin(modules: string): Plugin {
  return {
    name: 'kith-licences',
    apply: 'build',
    generateBundle() {
      const source = kShipped
        .map((name) => licenceOf(join(modules, name), name))
        .join(`\n${'-'.repeat(80)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
    },
  };
}

function licenceOf(folder: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const file = readdirSync(folder).find((each) => /^licen[cs]e/iu.test(each));
  if (file === undefined) throw new Error(`${name} has no licence file.`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
