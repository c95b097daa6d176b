import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { Button } from '../controls';
import { kFewestDigits, PinField } from '../recovery/pin_field';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

interface Props {
  // Makes the account; what it fails by is said here.
  onGiven: (pin: string) => Promise<unknown>;
  onBack: () => void;
  onBeginAgain: () => void;
}

// Of a number whose account is locked: its PIN, before there is another one.
export function PinScreen({ onGiven, onBack, onBeginAgain }: Props) {
  const [pin, setPin] = useState('');
  const { busy, error, setError, attempt } = useCommand();
  const resting = busy || pin.length < kFewestDigits;

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!resting && !(await attempt(() => onGiven(pin)))) setPin('');
  }

  return (
    <FirstRunFrame
      step={3}
      title="Enter the PIN"
      lead="The account of this number is locked: a new one needs the PIN that was set for it."
      onBack={onBack}
    >
      <form className="first-run-form" onSubmit={(event) => void submit(event)} noValidate>
        <PinField
          error={error}
          busy={busy}
          autoFocus
          value={pin}
          onChange={(digits) => {
            setPin(digits);
            setError(undefined);
          }}
        />
        <p className="secondary">
          Forgotten? Your recovery key, or another device of yours, needs no PIN: begin again with them.
          Without either, come back when the account has not been used for a week.
        </p>
        <div className="first-run-actions">
          <Button type="submit" wide aria-disabled={resting}>
            {busy ? 'Making your keys…' : 'Continue'}
          </Button>
          <Button look="text" onClick={onBack}>
            Back
          </Button>
          <Button look="text" onClick={onBeginAgain}>
            Begin again
          </Button>
        </div>
      </form>
    </FirstRunFrame>
  );
}
