import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { CommandFailed } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { Button, Field } from '../controls';
import { deviceName } from '../device_name';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';
import { PinScreen } from './pin_screen';

const kLongestName = 64;

export function NameScreen({ onBeginAgain }: { onBeginAgain: () => void }) {
  const store = useStore();
  const [name, setName] = useState('');
  // The number has an account that is locked.
  const [locked, setLocked] = useState(false);
  const { busy, error, attempt } = useCommand();

  async function create(pin?: string) {
    const account = { name: name.trim(), device_name: deviceName(navigator.userAgent) };
    await store.run({ type: 'create_account', ...account, ...(pin !== undefined && { pin }) });
  }

  async function createOrAsk() {
    try {
      await create();
    } catch (reason) {
      if (!(reason instanceof CommandFailed && reason.error === 'pin_needed')) throw reason;
      setLocked(true);
    }
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void attempt(createOrAsk);
  }

  if (locked)
    return <PinScreen onGiven={create} onBack={() => setLocked(false)} onBeginAgain={onBeginAgain} />;
  return (
    <FirstRunFrame
      step={3}
      title="Your name"
      lead="This is how the people you write to see you. You can change it later."
    >
      <form className="first-run-form" onSubmit={submit} noValidate>
        <Field
          label="Name"
          error={error}
          name="name"
          autoComplete="name"
          maxLength={kLongestName}
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="first-run-actions">
          <Button type="submit" wide disabled={busy || name.trim() === ''}>
            {busy ? 'Making your keys…' : 'Continue'}
          </Button>
        </div>
      </form>
    </FirstRunFrame>
  );
}
