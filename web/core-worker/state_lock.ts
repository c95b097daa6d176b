// Who may be the one writer of this device's state: a Web Lock held for the life of the core. It only saves tabs from working in
// vain; what makes two writers impossible is the fencing in rows.ts.

const kLock = 'kith-state';

export interface StateLock {
  // Resolves once this worker holds the lock. `elsewhere` is called if another one has it; the wait goes on until that is gone.
  acquire(elsewhere: () => void): Promise<void>;
  // Takes the lock from whoever has it.
  steal(): Promise<void>;
}

// `lost` is called when another worker took it from here.
export function stateLock(locks: LockManager, lost: () => void): StateLock {
  let waiting: AbortController | undefined;

  // Resolves when held; the lock is kept until it is stolen or the worker ends.
  function hold(options: LockOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let held = false;
      const done = locks.request(kLock, options, (lock) => {
        held = lock !== null;
        resolve(held);
        return held ? new Promise<never>(() => undefined) : undefined;
      });
      done.catch((reason: unknown) => {
        if (held) lost();
        else reject(reason instanceof Error ? reason : new Error('The lock was refused.'));
      });
    });
  }

  return {
    async acquire(elsewhere) {
      if (await hold({ ifAvailable: true })) return;
      elsewhere();
      waiting = new AbortController();
      await hold({ signal: waiting.signal });
    },
    async steal() {
      waiting?.abort();
      await hold({ steal: true });
    },
  };
}
