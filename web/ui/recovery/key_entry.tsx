import { useState } from 'react';
import type { ChangeEvent, ReactNode, SubmitEvent } from 'react';
import { Button, Field } from '../controls';
import { kNoCode, ScanWays } from '../qr/scan_ways';
import { Scanner } from '../qr/scanner';
import { charactersIn, inGroups, kCharacters } from './spelling';
import { useKeyCheck } from './use_key_check';
import type { KeyCheck } from './use_key_check';
import './recovery.css';

interface Props {
  // What the button says, and says while it is at it; without one, nothing follows.
  action?: string;
  acting?: string;
  busy?: boolean;
  error?: ReactNode;
  // The text is another now, or what was wrong with it was seen.
  onChange?: () => void;
  onGiven?: (key: string) => void;
  // What is said of a whole key; otherwise that it is complete.
  verdict?: ((check: KeyCheck) => ReactNode) | undefined;
  children?: ReactNode;
}

// A recovery key, from its code or typed: in groups as it is printed, and looked at as soon as it is whole.
export function KeyEntry({
  action,
  acting,
  busy = false,
  error,
  onChange,
  onGiven,
  verdict,
  children,
}: Props) {
  const [text, setText] = useState('');
  const [scanning, setScanning] = useState(false);
  const [unread, setUnread] = useState(false);
  const check = useKeyCheck(text);

  function enter(key: string) {
    setText(key);
    setUnread(false);
    onChange?.();
  }

  // Whoever mends something in the middle goes on there.
  function typed({ target }: ChangeEvent<HTMLInputElement>) {
    const atEnd = target.selectionStart === target.value.length;
    enter(atEnd ? inGroups(target.value) : target.value);
  }

  function scanned(found: string | null) {
    setScanning(false);
    if (found !== null) enter(inGroups(found));
    setUnread(found === null);
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!busy && check?.spelled === true) onGiven?.(charactersIn(text));
  }

  if (scanning) return <Scanner onRead={scanned} onCancel={() => setScanning(false)} />;
  return (
    <form className="key-entry" onSubmit={submit} noValidate>
      <ScanWays whose="the" busy={busy} onScan={() => setScanning(true)} onPicture={scanned} />
      <Field
        label="Or type the recovery key"
        className="key-typed"
        error={unread ? kNoCode : (check?.error ?? error)}
        hint={<Progress text={text} check={check} verdict={verdict} />}
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus
        value={text}
        onChange={typed}
      />
      {(action !== undefined || children !== undefined) && (
        <div className="first-run-actions">
          {action !== undefined && (
            <Button type="submit" wide aria-disabled={busy || check?.spelled !== true}>
              {busy ? acting : action}
            </Button>
          )}
          {children}
        </div>
      )}
    </form>
  );
}

interface ProgressProps {
  text: string;
  check: KeyCheck | undefined;
  verdict: Props['verdict'];
}

function Progress({ text, check, verdict }: ProgressProps) {
  const count = charactersIn(text).length;
  if (check?.spelled === true)
    return <span role="status">{verdict?.(check) ?? 'This is a whole recovery key.'}</span>;
  if (count === 0) return 'Seven groups of four letters and digits.';
  return `${count} of ${kCharacters} letters and digits.`;
}
