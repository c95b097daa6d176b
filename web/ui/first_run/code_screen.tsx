import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Account } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button, Field } from '../controls';
import { useClock } from '../use_clock';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

const kDigits = 6;

export function CodeScreen({ account, onChange }: { account: Account; onChange: () => void }) {
  const store = useStore();
  const [code, setCode] = useState('');
  const { busy, error, attempt } = useCommand();
  const resend = useCommand();

  async function confirm(digits: string) {
    if (!(await attempt(() => store.run({ type: 'confirm_code', code: digits })))) setCode('');
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void confirm(code);
  }

  // The sixth digit needs no button.
  function enter(text: string) {
    const digits = text.replace(/\D/gu, '').slice(0, kDigits);
    setCode(digits);
    if (digits.length === kDigits && digits !== code) void confirm(digits);
  }

  return (
    <FirstRunFrame
      step={2}
      title="Enter the code"
      lead={
        <>
          We sent six digits to <strong>{account.address}</strong>.
        </>
      }
    >
      <form className="first-run-form" onSubmit={submit} noValidate>
        <Field
          label="Code"
          className="code-input"
          hint="No message? On a server that is being tried out, the code is in its log."
          error={error ?? resend.error}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          readOnly={busy}
          value={code}
          onChange={(event) => enter(event.target.value)}
        />
        <div className="first-run-aside">
          <Resend
            at={account.resend_at}
            busy={resend.busy}
            onResend={() => void resend.attempt(() => store.run({ type: 'resend_code' }))}
          />
          <Button look="text" onClick={onChange}>
            {account.address?.includes('@') === true ? 'Change e-mail' : 'Change number'}
          </Button>
        </div>
        <div className="first-run-actions">
          <Button type="submit" wide disabled={busy || code.length < kDigits}>
            {busy ? 'Checking…' : 'Continue'}
          </Button>
        </div>
      </form>
    </FirstRunFrame>
  );
}

function Resend({ at, busy, onResend }: { at: number | undefined; busy: boolean; onResend: () => void }) {
  const now = useClock(500, at !== undefined);
  const seconds = Math.ceil(((at ?? 0) - now) / 1000);
  if (seconds > 0) {
    return (
      <Button look="text" disabled>
        Send again in {seconds} s
      </Button>
    );
  }
  return (
    <Button look="text" disabled={busy} onClick={onResend}>
      Send again
    </Button>
  );
}
