import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { useStore } from '../../store/hooks';
import { Button, Field } from '../controls';
import { deviceName } from '../device_name';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

const kLongestName = 64;

export function NameScreen() {
  const store = useStore();
  const [name, setName] = useState('');
  const { busy, error, attempt } = useCommand();

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const device = deviceName(navigator.userAgent);
    void attempt(() => store.run({ type: 'create_account', name: name.trim(), device_name: device }));
  }

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
