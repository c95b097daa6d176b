import type { FromWorker, ToWorker } from '../core-worker/messages';
import type { CorePort } from './core_port';

// Starts the worker that owns the core, the database and the connection.
export function startWorker(): CorePort {
  const worker = new Worker(new URL('../core-worker/worker.ts', import.meta.url), {
    type: 'module',
    name: 'kith-core',
  });
  return {
    post: (message: ToWorker) => worker.postMessage(message),
    listen: (listener) => {
      worker.addEventListener('message', (event: MessageEvent<FromWorker>) => listener(event.data));
      // A worker that cannot be loaded at all says so only here.
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        listener({ kind: 'failed', reason: 'no_core' });
      });
    },
  };
}
