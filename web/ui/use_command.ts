import { useState } from 'react';
import type { ReactNode } from 'react';
import { CommandFailed } from '../store/commands';
import { useSelect } from '../store/hooks';
import { explain } from './explain';

// One thing at a time that the user asked for: whether it is under way, and in words why it did not work. That there is no
// connection is said until there is one.
export function useCommand() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ReactNode>();
  const [offline, setOffline] = useState(false);
  const online = useSelect((state) => state.connection === 'online');
  const [wasOnline, setWasOnline] = useState(online);
  if (wasOnline !== online) {
    setWasOnline(online);
    if (online && offline) setError(undefined);
  }

  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    setError(undefined);
    try {
      await action();
      return true;
    } catch (reason) {
      setError(explain(reason));
      setOffline(reason instanceof CommandFailed && reason.error === 'offline');
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, error, setError, attempt };
}
