import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { useStore } from '../../store/hooks';
import { addressHint, browserRegion, readAddress } from '../address';
import { Button, Field } from '../controls';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

interface Props {
  given?: string | undefined;
  // There is already a code on its way: back to its screen without asking for another.
  onBack?: (() => void) | undefined;
  onSent: () => void;
}

export function NumberScreen({ given = '', onBack, onSent }: Props) {
  const store = useStore();
  const [text, setText] = useState(given);
  const { busy, error, setError, attempt } = useCommand();
  const region = browserRegion(navigator.languages);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const address = readAddress(text, region);
    if (address === null) {
      setError('Enter a phone number with its country code, or an e-mail address.');
      return;
    }
    if (await attempt(() => store.run({ type: 'register', ...address }))) onSent();
  }

  return (
    <FirstRunFrame
      step={1}
      title="Your number or e-mail"
      lead="People who know it can find you. We send you a code to make sure that it is yours."
    >
      <form className="first-run-form" onSubmit={(event) => void submit(event)} noValidate>
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
            {busy ? 'Sending…' : 'Send code'}
          </Button>
          {onBack && (
            <Button look="text" onClick={onBack}>
              Back
            </Button>
          )}
        </div>
      </form>
    </FirstRunFrame>
  );
}
