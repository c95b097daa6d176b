import { useState } from 'react';
import type { Account } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { readAddress } from '../address';
import { Button } from '../controls';
import { deviceName } from '../device_name';
import { KeyEntry } from '../recovery/key_entry';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

type Step = 'choice' | 'key' | 'anew';

// The number has an account already: back into it, or a new one.
export function AccountScreen({ account }: { account: Account }) {
  const [step, setStep] = useState<Step>('choice');
  const back = () => setStep('choice');
  if (account.is_recovering === true) return <Recovering />;
  switch (step) {
    case 'choice':
      return <Choice account={account} onKey={() => setStep('key')} onAnew={() => setStep('anew')} />;
    case 'key':
      return <GiveKey onBack={back} />;
    case 'anew':
      return <BeginAnew onBack={back} />;
  }
}

function Choice({ account, onKey, onAnew }: { account: Account; onKey: () => void; onAnew: () => void }) {
  const store = useStore();
  const { busy, error, attempt } = useCommand();
  const address = readAddress(account.address ?? '', undefined);
  const device_name = deviceName(navigator.userAgent);
  return (
    <FirstRunFrame
      step={3}
      title="Welcome back"
      lead={
        <>
          <strong>{account.address}</strong> has a Kith account. With your recovery key this device becomes
          one of its devices, and is in all your chats again.
        </>
      }
    >
      <div className="first-run-form">
        {error !== undefined && (
          <p className="field-error" role="alert">
            {error}
          </p>
        )}
        <div className="first-run-actions">
          <Button wide onClick={onKey}>
            Use my recovery key
          </Button>
          {address !== null && (
            <Button
              look="quiet"
              wide
              aria-disabled={busy}
              onClick={() => void attempt(() => store.run({ type: 'begin_link', ...address, device_name }))}
            >
              Link to a device that you already use
            </Button>
          )}
          <Button look="text" onClick={onAnew}>
            I have neither
          </Button>
        </div>
      </div>
    </FirstRunFrame>
  );
}

function GiveKey({ onBack }: { onBack: () => void }) {
  const store = useStore();
  const { busy, error, setError, attempt } = useCommand();
  const device_name = deviceName(navigator.userAgent);
  // For this key: a device of the account has taken its keys, so that it comes back without its others or not at all.
  const [taken, setTaken] = useState(false);

  async function recover(recovery_key: string) {
    const removes_others = taken ? { removes_others: true } : {};
    try {
      await store.run({ type: 'recover', recovery_key, device_name, ...removes_others });
    } catch (reason) {
      if (reason instanceof CommandFailed && reason.error === 'keys_taken') setTaken(true);
      throw ofRecovery(reason);
    }
  }

  function changed() {
    setTaken(false);
    setError(undefined);
  }

  return (
    <FirstRunFrame
      step={3}
      title="Your recovery key"
      lead="You kept it when you made your account: in a password manager, in a file, or on paper."
      onBack={onBack}
    >
      <KeyEntry
        action={taken ? 'Remove all other devices and come back' : 'Bring my account back'}
        acting="Bringing it back…"
        busy={busy}
        error={error}
        onChange={changed}
        onGiven={(recovery_key) => void attempt(() => recover(recovery_key))}
      >
        <Button look="text" onClick={onBack}>
          Back
        </Button>
      </KeyEntry>
    </FirstRunFrame>
  );
}

// Here it is a whole key, and not groups of the right one.
function ofRecovery(reason: unknown): unknown {
  if (!(reason instanceof CommandFailed) || reason.error !== 'wrong_recovery_key') return reason;
  return new CommandFailed('not_found', 'This is a recovery key, but not the one of this account.');
}

function Recovering() {
  return (
    <FirstRunFrame step={3} title="Your recovery key" lead="The key is right. Your account is on its way.">
      <p role="status">Bringing your account back…</p>
    </FirstRunFrame>
  );
}

function BeginAnew({ onBack }: { onBack: () => void }) {
  const store = useStore();
  const { busy, error, attempt } = useCommand();
  return (
    <FirstRunFrame
      step={3}
      title="Begin anew?"
      lead="Without the recovery key or one of your devices, nobody can bring the old account back. You get a new one."
      onBack={onBack}
    >
      <div className="first-run-form">
        <ul className="lost">
          <li>
            People who knew you see a new person at this number, and have to compare safety numbers again.
          </li>
          <li>You are in none of your groups. Somebody in them has to add you.</li>
          <li>Your messages stay on the devices of the old account.</li>
        </ul>
        {error !== undefined && (
          <p className="field-error" role="alert">
            {error}
          </p>
        )}
        <div className="first-run-actions">
          <Button
            look="danger"
            wide
            aria-disabled={busy}
            onClick={() => void attempt(() => store.run({ type: 'register_anew' }))}
          >
            Make a new account
          </Button>
          <Button look="text" onClick={onBack}>
            Back
          </Button>
        </div>
      </div>
    </FirstRunFrame>
  );
}
