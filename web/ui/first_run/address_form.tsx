import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { addressHint, browserRegion, readAddress } from '../address';
import type { Address } from '../address';
import { Button, Field } from '../controls';
import { useCommand } from '../use_command';

interface Props {
  given?: string | undefined;
  // What the button says, and says while it is at it.
  action: string;
  acting: string;
  onGiven: (address: Address) => Promise<unknown>;
  // Other ways from here.
  children?: ReactNode;
}

// The user's own number or e-mail.
export function AddressForm({ given = '', action, acting, onGiven, children }: Props) {
  const [text, setText] = useState(given);
  const { busy, error, setError, attempt } = useCommand();
  const region = browserRegion(navigator.languages);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const address = readAddress(text, region);
    if (address === null) setError('Enter a phone number with its country code, or an e-mail address.');
    else void attempt(() => onGiven(address));
  }

  return (
    <form className="first-run-form" onSubmit={submit} noValidate>
      <Field
        label="Phone number or e-mail"
        hint={addressHint(region)}
        error={error}
        name="address"
        type="text"
        inputMode="email"
        autoComplete="tel"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="first-run-actions">
        <Button type="submit" wide disabled={busy || text.trim() === ''}>
          {busy ? acting : action}
        </Button>
        {children}
      </div>
    </form>
  );
}
