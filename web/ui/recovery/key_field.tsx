import { useState } from 'react';
import type { ChangeEvent, ReactNode } from 'react';
import { Field } from '../controls';
import { kNoCode, ScanWays } from '../qr/scan_ways';
import { charactersIn, inGroups, isWhole, kCharacters } from './spelling';
import { useKeyCheck } from './use_key_check';
import type { KeyCheck } from './use_key_check';
import './recovery.css';

const kOtherCode = 'This is not the QR code of a recovery key.';

export type GivenKey = ReturnType<typeof useGivenKey>;

// A recovery key while it is given: what is typed or was scanned, and what the core says of it as soon as it is whole. While
// `scanning`, a Scanner stands in the place of the field.
export function useGivenKey(onChange?: () => void) {
  const [text, setText] = useState('');
  const [scanning, setScanning] = useState(false);
  // Why a picture or a code is not taken.
  const [unread, setUnread] = useState<string>();
  const check = useKeyCheck(text);

  function enter(key: string) {
    setText(key);
    setUnread(undefined);
    onChange?.();
  }

  return {
    text,
    characters: charactersIn(text),
    check,
    unread,
    scanning,
    enter,
    scan: setScanning,
    // Null where a picture has no code in it.
    scanned: (found: string | null) => {
      setScanning(false);
      if (found === null) setUnread(kNoCode);
      else if (isWhole(found)) enter(inGroups(found));
      else setUnread(kOtherCode);
    },
  };
}

interface Props {
  given: GivenKey;
  label?: string;
  busy?: boolean;
  autoFocus?: boolean;
  error?: ReactNode;
  // What is said of a whole key; otherwise that it is complete.
  verdict?: ((check: KeyCheck) => ReactNode) | undefined;
}

// The ways to give a recovery key: from its code, or typed in groups as it is printed.
export function KeyField({ given, label, busy = false, autoFocus, error, verdict }: Props) {
  const { text, check, unread, enter, scan, scanned } = given;
  // A key that is whole and refused is not praised.
  const isRefused = check?.spelled === true && error !== undefined;

  // Whoever mends something in the middle goes on there.
  function typed({ target }: ChangeEvent<HTMLInputElement>) {
    const atEnd = target.selectionStart === target.value.length;
    enter(atEnd ? inGroups(target.value) : target.value);
  }

  return (
    <>
      <ScanWays whose="the" busy={busy} onScan={() => scan(true)} onPicture={scanned} />
      <Field
        label={label ?? 'Or type the recovery key'}
        className="key-typed"
        error={unread ?? check?.error ?? error}
        hint={isRefused ? undefined : <Progress given={given} verdict={verdict} />}
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus={autoFocus}
        value={text}
        onChange={typed}
      />
    </>
  );
}

function Progress({ given: { characters, check }, verdict }: Pick<Props, 'given' | 'verdict'>) {
  if (check?.spelled === true)
    return <span role="status">{verdict?.(check) ?? 'This is a whole recovery key.'}</span>;
  if (characters.length === 0) return 'Seven groups of four letters and digits.';
  return `${characters.length} of ${kCharacters} letters and digits.`;
}

// Of a device that has an account: whether the key is the account's.
export function ownVerdict({ isRight }: KeyCheck) {
  return isRight === true ? (
    <span className="key-right">This is your recovery key.</span>
  ) : (
    <span className="key-wrong">This is a recovery key, but not the one of your account.</span>
  );
}
