import { useState } from 'react';
import type { ReactNode } from 'react';
import { explain } from './explain';

// One thing at a time that the user asked for: whether it is under way, and in words why it did not work.
export function useCommand() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ReactNode>();

  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    setError(undefined);
    try {
      await action();
      return true;
    } catch (reason) {
      setError(explain(reason));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, error, setError, attempt };
}
