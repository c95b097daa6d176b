import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Contact } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { browserRegion, readAddress } from '../address';
import { explain } from '../explain';

// Asks the server who is behind a number or e-mail; null where it is nobody, or could not be asked, and `error` says which.
export function useFindPerson() {
  const store = useStore();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ReactNode>();

  async function find(text: string): Promise<Contact | null> {
    const address = readAddress(text, browserRegion(navigator.languages));
    if (address === null) {
      setError('Enter a phone number with its country code, or an e-mail address.');
      return null;
    }
    setBusy(true);
    setError(undefined);
    try {
      return (await store.run({ type: 'find_contact', ...address })).contact;
    } catch (reason) {
      setError(notFound(reason) ? `Nobody on this server uses ${text.trim()}.` : explain(reason));
      return null;
    } finally {
      setBusy(false);
    }
  }

  return { busy, error, setError, find };
}

function notFound(reason: unknown): boolean {
  return reason instanceof CommandFailed && reason.error === 'not_found';
}
