import type { ReactNode, SubmitEvent } from 'react';
import { Button } from '../controls';
import { Scanner } from '../qr/scanner';
import { KeyField, useGivenKey } from './key_field';
import type { KeyCheck } from './use_key_check';

interface Props {
  // What the button says, and says while it is at it; without one, nothing follows.
  action?: string;
  acting?: string;
  busy?: boolean;
  error?: ReactNode;
  // The text is another now, or what was wrong with it was seen.
  onChange?: () => void;
  onGiven?: (key: string) => void;
  verdict?: ((check: KeyCheck) => ReactNode) | undefined;
  children?: ReactNode;
}

// A recovery key, and what is done with it.
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
  const given = useGivenKey(onChange);
  const isWhole = given.check?.spelled === true;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!busy && isWhole) onGiven?.(given.characters);
  }

  if (given.scanning) return <Scanner onRead={given.scanned} onCancel={() => given.scan(false)} />;
  return (
    <form className="key-entry" onSubmit={submit} noValidate>
      <KeyField given={given} busy={busy} autoFocus error={error} verdict={verdict} />
      {(action !== undefined || children !== undefined) && (
        <div className="first-run-actions">
          {action !== undefined && (
            <Button type="submit" wide aria-disabled={busy || !isWhole}>
              {busy ? acting : action}
            </Button>
          )}
          {children}
        </div>
      )}
    </form>
  );
}
