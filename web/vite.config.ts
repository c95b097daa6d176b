import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { licencesPlugin } from './plugins/licences_plugin.ts';
import { serviceWorkerPlugin } from './plugins/service_worker_plugin.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The client core, built by the preset "wasm". KITH_WASM names another place.
const wasm = process.env['KITH_WASM'] ?? here('../build/wasm/src/client/wasm/kith.wasm');
// `npm run dev` speaks to a kithd of its own.
const server = process.env['KITH_SERVER'] ?? 'http://127.0.0.1:8470';

export default defineConfig({
  plugins: [react(), serviceWorkerPlugin(here('public')), licencesPlugin(here('node_modules'))],
  resolve: {
    alias: [{ find: /^kith\.wasm/u, replacement: wasm }],
  },
  // Worker, host functions and core are read from outside this folder.
  server: {
    fs: { allow: [here('..')] },
    proxy: { '/v1': { target: server, ws: true } },
  },
  worker: { format: 'es' },
  build: {
    outDir: here('dist'),
    target: 'es2022',
    // Everything is a file of its own: the Content-Security-Policy has no data: for scripts, styles and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here('index.html'), service_worker: here('service-worker/service_worker.ts') },
      output: {
        entryFileNames: (chunk) =>
          chunk.name === 'service_worker' ? 'service_worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['{store,ui,core-worker,service-worker,plugins}/**/*.test.{ts,tsx}'],
    setupFiles: [here('test-support/setup.ts')],
    css: false,
  },
});
