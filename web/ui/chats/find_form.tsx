import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import type { Contact } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { addressHint, browserRegion, readAddress } from '../address';
import { Button, Field } from '../controls';
import { explain } from '../explain';

// Asks the server who is behind a number or e-mail.
export function FindForm({ onFound }: { onFound: (contact: Contact) => void }) {
  const store = useStore();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ReactNode>();
  const region = browserRegion(navigator.languages);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const address = readAddress(text, region);
    if (address === null) {
      setError('Enter a phone number with its country code, or an e-mail address.');
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const { contact } = await store.run({ type: 'find_contact', ...address });
      onFound(contact);
    } catch (reason) {
      setError(notFound(reason) ? `Nobody on this server uses ${text.trim()}.` : explain(reason));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="find-form" onSubmit={(event) => void submit(event)} noValidate role="search">
      <Field
        label="Phone number or e-mail"
        hint={addressHint(region)}
        error={error}
        name="find"
        type="text"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setError(undefined);
        }}
      />
      <Button type="submit" wide disabled={busy || text.trim() === ''}>
        {busy ? 'Looking…' : 'Find'}
      </Button>
    </form>
  );
}

function notFound(reason: unknown): boolean {
  return reason instanceof CommandFailed && reason.error === 'not_found';
}
