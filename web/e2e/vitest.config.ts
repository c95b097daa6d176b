import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Against a real kithd: KITHD names the binary. See README.md.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    environment: 'node',
    include: ['*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    bail: 1,
  },
});
