import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Dialog } from '../dialog';
import { PinIcon } from '../icons';
import { useCommand } from '../use_command';
import { kFewestDigits, PinField } from './pin_field';
import { useLock } from './use_lock';
import './recovery.css';

// The registration lock: a PIN without which the number gets no new account.
export function LockEntry() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="member" onClick={() => setOpen(true)}>
        <span className="avatar avatar-small avatar-new">
          <PinIcon size={20} />
        </span>
        <span className="member-name">Registration lock</span>
      </button>
      {open && (
        <Dialog title="Registration lock" closable onClose={() => setOpen(false)}>
          <p className="dialog-text">
            With a PIN, nobody who gets hold of your number can make a new account of it without the PIN. You
            never need it yourself as long as you have a device or your recovery key. It ends when you have
            not used Kith for a week.
          </p>
          <Lock />
        </Dialog>
      )}
    </>
  );
}

function Lock() {
  const store = useStore();
  const { locked, setLocked, unknown } = useLock();
  const [pin, setPin] = useState('');
  const [done, setDone] = useState('');
  const { busy, error, setError, attempt } = useCommand();
  const resting = busy || pin.length < kFewestDigits;

  async function set(to: string | null) {
    if (busy || !(await attempt(() => store.run({ type: 'set_pin', pin: to })))) return;
    setPin('');
    setLocked(to !== null);
    setDone(to === null ? 'The lock is off.' : 'The PIN is set.');
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!resting) void set(pin);
  }

  if (locked === undefined) {
    return unknown === undefined ? null : (
      <p className="field-error" role="alert">
        {unknown}
      </p>
    );
  }
  return (
    <form className="key-entry" onSubmit={submit} noValidate>
      <p role="status">
        {done} {locked ? 'Your number is locked.' : 'Your number is not locked.'}
      </p>
      <PinField
        label={locked ? 'New PIN' : 'PIN'}
        error={error}
        busy={busy}
        shown
        value={pin}
        onChange={(digits) => {
          setPin(digits);
          setDone('');
          setError(undefined);
        }}
      />
      <div className="dialog-actions">
        {locked && (
          <Button look="quiet" aria-disabled={busy} onClick={() => void set(null)}>
            Turn off
          </Button>
        )}
        <Button type="submit" aria-disabled={resting}>
          {locked ? 'Change the PIN' : 'Set the PIN'}
        </Button>
      </div>
    </form>
  );
}
