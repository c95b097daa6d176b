import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { useStore } from '../../store/hooks';
import { Button, Field } from '../controls';
import { CheckIcon, CopyIcon, DownloadIcon, LockIcon, PrintIcon } from '../icons';
import { QrCode } from '../qr/qr_code';
import { useCommand } from '../use_command';
import { useCopy } from '../use_copy';
import { FirstRunFrame } from './frame';
import { keyFile, twoGroups } from './recovery_key';

export function RecoveryKeyScreen({ groups }: { groups: readonly string[] }) {
  const [confirming, setConfirming] = useState(false);
  return confirming ? (
    <ConfirmKey count={groups.length} onBack={() => setConfirming(false)} />
  ) : (
    <ShowKey groups={groups} onKept={() => setConfirming(true)} />
  );
}

function ShowKey({ groups, onKept }: { groups: readonly string[]; onKept: () => void }) {
  return (
    <FirstRunFrame
      step={4}
      title="Your recovery key"
      lead="If you lose all your devices, this key brings your account back. Nobody else has it, and we can’t make another."
      sheet={<KeySheet groups={groups} />}
    >
      <div className="first-run-form">
        <ol className="key-groups" aria-label="Recovery key">
          {groups.map((group, index) => (
            <li key={index} className="key-group">
              <span className="meta">{index + 1}</span>
              <span className="key-group-text">{group}</span>
            </li>
          ))}
        </ol>
        <div className="key-code">
          <QrCode text={groups.join('-')} label="QR code of your recovery key" />
        </div>
        <KeyWays groups={groups} />
        <p className="note">
          <LockIcon size={20} />
          Keep it where you keep important things: a password manager, or on paper. Anyone who has it can
          become you.
        </p>
        <div className="first-run-actions">
          <Button wide onClick={onKept}>
            I’ve saved it
          </Button>
        </div>
      </div>
    </FirstRunFrame>
  );
}

function KeyWays({ groups }: { groups: readonly string[] }) {
  const { copied, refused, copy } = useCopy();

  return (
    <div className="field">
      <div className="key-ways">
        <Button look="quiet" onClick={() => void copy(groups.join('-'))}>
          {copied ? <CheckIcon size={20} /> : <CopyIcon size={20} />}
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </Button>
        <Button look="quiet" onClick={() => download(groups)}>
          <DownloadIcon size={20} />
          Save
        </Button>
        <Button look="quiet" onClick={() => window.print()}>
          <PrintIcon size={20} />
          Print
        </Button>
      </div>
      {refused && (
        <p className="field-error" role="alert">
          This browser did not let us copy. Save it or write it down.
        </p>
      )}
    </div>
  );
}

function download(groups: readonly string[]) {
  const url = URL.createObjectURL(new Blob([keyFile(groups)], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'kith-recovery-key.txt';
  link.click();
  URL.revokeObjectURL(url);
}

function KeySheet({ groups }: { groups: readonly string[] }) {
  return (
    <section className="key-sheet" aria-hidden="true">
      <h2>Kith recovery key</h2>
      <ol className="key-sheet-groups">
        {groups.map((group, index) => (
          <li key={index}>
            Group {index + 1}: <strong>{group}</strong>
          </li>
        ))}
      </ol>
      <QrCode text={groups.join('-')} label="QR code of your recovery key" />
      <p>
        It brings your account back if you lose all your devices. Anyone who has it can become you: keep it
        safe.
      </p>
    </section>
  );
}

function ConfirmKey({ count, onBack }: { count: number; onBack: () => void }) {
  const store = useStore();
  const [asked] = useState(() => twoGroups(count));
  const [texts, setTexts] = useState<[string, string]>(['', '']);
  const { busy, error, setError, attempt } = useCommand();
  const errorId = useId();
  const wrong = error !== undefined;

  function enter(at: number, text: string) {
    setTexts(at === 0 ? [text, texts[1]] : [texts[0], text]);
    setError(undefined);
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const groups = asked.map((index, at) => ({ index, text: (texts[at] ?? '').trim().toUpperCase() }));
    void attempt(() => store.run({ type: 'confirm_recovery_key', groups }));
  }

  return (
    <FirstRunFrame
      step={4}
      title="Is it in a safe place?"
      lead="Type two groups of your recovery key, from where you kept it."
    >
      <form className="first-run-form" onSubmit={submit} noValidate>
        <div className="field">
          <div className="key-confirm">
            {asked.map((index, at) => (
              <Field
                key={index}
                label={`Group ${index + 1}`}
                className="key-group-input"
                autoCapitalize="characters"
                spellCheck={false}
                maxLength={8}
                autoFocus={at === 0}
                aria-invalid={wrong}
                aria-describedby={errorId}
                value={texts[at] ?? ''}
                onChange={(event) => enter(at, event.target.value)}
              />
            ))}
          </div>
          {wrong && (
            <p id={errorId} className="field-error" role="alert">
              {error}
            </p>
          )}
        </div>
        <div className="first-run-actions">
          <Button type="submit" wide disabled={busy || texts.some((text) => text.trim().length < 4)}>
            Continue
          </Button>
          <Button look="text" onClick={onBack}>
            Show the key again
          </Button>
        </div>
      </form>
    </FirstRunFrame>
  );
}
