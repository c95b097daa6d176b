import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Contact } from '../../../schema/core';
import { addressHint, browserRegion } from '../address';
import { Button, Field } from '../controls';
import { useFindPerson } from './use_find_person';

// Asks the server who is behind a number or e-mail.
export function FindForm({ onFound }: { onFound: (contact: Contact) => void }) {
  const [text, setText] = useState('');
  const { busy, error, setError, find } = useFindPerson();

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const contact = await find(text);
    if (contact !== null) onFound(contact);
  }

  return (
    <form className="find-form" onSubmit={(event) => void submit(event)} noValidate role="search">
      <Field
        label="Phone number or e-mail"
        hint={addressHint(browserRegion(navigator.languages))}
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
