import { useEffect, useRef, useState } from 'react';
import type { Comparison, Id } from '../../../schema/core';
import type { SafetyNumber } from '../../store/commands';
import { useSelect, useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Dialog } from '../dialog';
import { inSentence } from '../person';
import { QrCode } from '../qr/qr_code';
import { kNoCode, ScanWays } from '../qr/scan_ways';
import { Scanner } from '../qr/scanner';
import { useCommand } from '../use_command';
import { wordsForComparison } from './comparison_words';
import { VerifiedMark } from './verified_mark';
import './safety.css';

interface Props {
  user: Id;
  name: string;
  onClose: () => void;
}

// The safety number with one person: to be compared by eye or by scanning, and what came of it.
export function SafetyDialog({ user, name, onClose }: Props) {
  return (
    <Dialog title="Safety number" closable onClose={onClose}>
      <Comparing user={user} name={name} />
    </Dialog>
  );
}

function Comparing({ user, name }: Omit<Props, 'onClose'>) {
  const store = useStore();
  const { busy, error, setError, attempt } = useCommand();
  const number = useSafetyNumber(user, setError);
  const [scanning, setScanning] = useState(false);
  const [found, setFound] = useState<Comparison>();

  async function compare(scanned: string | null) {
    setScanning(false);
    setFound(undefined);
    if (scanned === null) {
      setError(kNoCode);
      return;
    }
    await attempt(async () => setFound(await store.run({ type: 'compare_safety_number', user, scanned })));
  }

  function mark(verified: boolean) {
    setFound(undefined);
    void attempt(() => store.run({ type: 'set_verified', user, verified }));
  }

  if (scanning) return <Scanner onRead={(text) => void compare(text)} onCancel={() => setScanning(false)} />;
  return (
    <>
      <p className="dialog-text">
        If {inSentence(name)} sees the same number, nobody stands between you. Compare it side by side or in a
        call, not in this chat.
      </p>
      {number !== undefined && <Shown number={number} />}
      {found !== undefined && (
        <p className="safety-result" data-matches={found.matches} role={found.matches ? 'status' : 'alert'}>
          {wordsForComparison(found, name)}
        </p>
      )}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <ScanWays
        whose="their"
        busy={busy}
        onScan={() => setScanning(true)}
        onPicture={(text) => void compare(text)}
      />
      {number !== undefined && (
        <div className="dialog-actions safety-mark">
          {number.verified ? (
            <>
              <span className="safety-verified">
                <VerifiedMark user={user} /> {inSentence(name)} is verified
              </span>
              <Button look="text" aria-disabled={busy} onClick={() => mark(false)}>
                Not any more
              </Button>
            </>
          ) : (
            <Button wide aria-disabled={busy} onClick={() => mark(true)}>
              Mark as verified
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function Shown({ number }: { number: SafetyNumber }) {
  return (
    <>
      {number.identity_changed && (
        <p className="field-error">
          Another identity was seen since. This is the number of the one that you know.
        </p>
      )}
      <QrCode text={number.qr} label="QR code of this safety number" />
      <ol className="safety-digits" aria-label="The number, in groups">
        {(number.digits.match(/.{5}/gu) ?? []).map((group, index) => (
          <li key={index}>{group}</li>
        ))}
      </ol>
    </>
  );
}

// Asked anew when what is known of the person is another.
function useSafetyNumber(user: Id, fail: (words: string) => void): SafetyNumber | undefined {
  const store = useStore();
  const contact = useSelect((state) => state.contacts.get(user));
  const [number, setNumber] = useState<SafetyNumber>();
  const failed = useRef(fail);
  useEffect(() => {
    failed.current = fail;
  });
  useEffect(() => {
    let over = false;
    store.run({ type: 'safety_number', user }).then(
      (answer) => !over && setNumber(answer),
      () => !over && failed.current('There is no safety number with this person yet.'),
    );
    return () => {
      over = true;
    };
  }, [store, user, contact]);
  return number;
}
