// The worker's entry: puts the core, its database and its connection together, for as long as this tab may be the one writer.

import { loadCore } from './load_core';
import type { FailReason, FromWorker, ToWorker } from './messages';
import { openRows } from './rows';
import { Shell } from './shell';
import { stateLock } from './state_lock';
import { openTransport } from './transport';

declare const self: DedicatedWorkerGlobalScope;

const say = (message: FromWorker) => self.postMessage(message);

class Failed extends Error {
  constructor(readonly reason: FailReason) {
    super(reason);
  }
}

function orElse<T>(promise: Promise<T>, reason: FailReason): Promise<T> {
  return promise.catch(() => Promise.reject(new Failed(reason)));
}

async function main(): Promise<void> {
  if (!self.isSecureContext) throw new Failed('insecure');
  // Fetched and compiled while the lock may still be waited for.
  const core = orElse(loadCore(), 'no_core');
  let shell: Shell | undefined;
  // Counts the times that the lock was lost: one may lose it before there is a shell to stop.
  let losses = 0;

  const lock = stateLock(self.navigator.locks, () => {
    ++losses;
    shell?.stop('taken_over');
  });

  async function begin() {
    say({ kind: 'starting' });
    const before = losses;
    const machine = (await core).create();
    const rows = await orElse(openRows(self.indexedDB), 'no_storage');
    if (losses !== before) {
      machine.destroy();
      rows.close();
      say({ kind: 'held_elsewhere' });
      return;
    }
    shell = new Shell({
      machine,
      rows,
      transport: (reports) => openTransport(self.location.origin, reports),
      now: () => Date.now(),
      show: (events) => say({ kind: 'events', events }),
      crashed: giveUp,
    });
    await shell.start();
  }

  self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    if (data.kind === 'command') shell?.command(JSON.stringify(data.command));
    else void lock.steal().then(begin).catch(giveUp);
  });
  self.addEventListener('online', () => shell?.online());
  self.addEventListener('offline', () => shell?.offline());

  await lock.acquire(() => say({ kind: 'held_elsewhere' }));
  await begin();
}

function giveUp(reason: unknown): void {
  // A wait that was given up in favour of taking the lock is no failure.
  if (reason instanceof DOMException && reason.name === 'AbortError') return;
  say({ kind: 'failed', reason: reason instanceof Failed ? reason.reason : 'crashed' });
  if (!(reason instanceof Failed)) console.error(reason);
}

main().catch(giveUp);
