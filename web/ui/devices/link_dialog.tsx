import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { CommandFailed } from '../../store/commands';
import type { LinkLook } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { Button, Field } from '../controls';
import { Dialog, useCloseDialog } from '../dialog';
import { inSentence } from '../person';
import { kNoCode, ScanWays } from '../qr/scan_ways';
import { Scanner } from '../qr/scanner';
import { useCommand } from '../use_command';

type Step =
  | { at: 'code' | 'scanning' }
  // The code leads to a device: is it the one that the user holds?
  | { at: 'asked'; code: string; look: LinkLook }
  | { at: 'linked'; look: LinkLook };

interface Props {
  onLinked: () => void;
  onClose: () => void;
}

// Lets a new device into the account by the code that it shows.
export function LinkDialog({ onLinked, onClose }: Props) {
  return (
    <Dialog title="Link a new device" closable onClose={onClose}>
      <Linking onLinked={onLinked} />
    </Dialog>
  );
}

function Linking({ onLinked }: Pick<Props, 'onLinked'>) {
  const store = useStore();
  const [step, setStep] = useState<Step>({ at: 'code' });
  const [typed, setTyped] = useState('');
  const { busy, error, setError, attempt } = useCommand();

  async function lookAt(code: string | null) {
    setStep({ at: 'code' });
    if (code === null) {
      setError(kNoCode);
      return;
    }
    await attempt(async () => {
      const look = await ofLink(store.run({ type: 'look_at_link', code }));
      setStep({ at: 'asked', code, look });
    });
  }

  async function link(code: string, look: LinkLook) {
    if (!(await attempt(() => ofLink(store.run({ type: 'link_device', code }))))) return;
    setStep({ at: 'linked', look });
    onLinked();
  }

  if (step.at === 'scanning')
    return <Scanner onRead={(text) => void lookAt(text)} onCancel={() => setStep({ at: 'code' })} />;
  return (
    <>
      <div role="status">
        <Words step={step} />
      </div>
      {step.at === 'code' && (
        <>
          <ScanWays
            whose="its"
            busy={busy}
            onScan={() => setStep({ at: 'scanning' })}
            onPicture={(text) => void lookAt(text)}
          />
          <TypedCode
            text={typed}
            busy={busy}
            error={error}
            onType={(text) => {
              setTyped(text);
              setError(undefined);
            }}
            onGiven={() => void lookAt(typed)}
          />
        </>
      )}
      {step.at === 'asked' && (
        <Answer busy={busy} error={error} onYes={() => void link(step.code, step.look)} />
      )}
      {step.at === 'linked' && <Done />}
    </>
  );
}

// The device's name is its own word.
function Words({ step }: { step: Step }) {
  switch (step.at) {
    case 'code':
    case 'scanning':
      return (
        <p className="dialog-text">
          Open Kith on the new device and choose “Link to a device that you already use”. It shows a code
          then.
        </p>
      );
    case 'asked':
      return (
        <div className="dialog-text link-question">
          <p>
            This is the code of <strong>{named(step.look)}</strong>. Does it show this number?
          </p>
          <strong className="link-digits">{step.look.confirmation}</strong>
          <p className="secondary">
            Whoever holds it will read and write everything in your name. Say yes only if you have it before
            you and the number is the same.
          </p>
        </div>
      );
    case 'linked':
      return (
        <p className="dialog-text">
          {named(step.look, 'A device without a name')} is coming into your account. It is on this list once
          it is there.
        </p>
      );
  }
}

function named({ device_name: name }: LinkLook, nameless = 'a device without a name'): string {
  return name.trim() === '' ? nameless : `“${inSentence(name)}”`;
}

interface TypedProps {
  text: string;
  busy: boolean;
  error: ReactNode;
  onType: (text: string) => void;
  onGiven: () => void;
}

function TypedCode({ text, busy, error, onType, onGiven }: TypedProps) {
  const resting = busy || text.trim() === '';

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!resting) onGiven();
  }

  return (
    <form className="link-typing" onSubmit={submit} noValidate>
      <Field
        label="Or type the code"
        className="link-typed"
        error={error}
        hint="Six groups of four letters and digits."
        autoCapitalize="characters"
        spellCheck={false}
        value={text}
        onChange={(event) => onType(event.target.value)}
      />
      <Button type="submit" wide aria-disabled={resting}>
        {busy ? 'Looking…' : 'Continue'}
      </Button>
    </form>
  );
}

function Answer({ busy, error, onYes }: { busy: boolean; error: ReactNode; onYes: () => void }) {
  const close = useCloseDialog();
  return (
    <>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="dialog-actions">
        <Button look="quiet" autoFocus onClick={close}>
          No
        </Button>
        <Button aria-disabled={busy} onClick={onYes}>
          {busy ? 'Linking…' : 'Yes, link it'}
        </Button>
      </div>
    </>
  );
}

function Done() {
  const close = useCloseDialog();
  return (
    <div className="dialog-actions">
      <Button autoFocus onClick={close}>
        OK
      </Button>
    </div>
  );
}

// What is not found here is a code.
async function ofLink<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (reason) {
    if (!(reason instanceof CommandFailed) || reason.error !== 'not_found') throw reason;
    throw new CommandFailed('not_found', 'No device shows this code now. Look at its screen once more.');
  }
}
