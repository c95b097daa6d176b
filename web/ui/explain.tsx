import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Millis } from '../../schema/core';
import { CommandFailed } from '../store/commands';
import { useClock } from './use_clock';
import { waitWords, wordsFor } from './words';

// Why something did not work, to be shown now: its words, and where it has to wait, how much longer.
export function explain(reason: unknown): ReactNode {
  const wait = reason instanceof CommandFailed ? (reason.retryAfterMs ?? 0) : 0;
  if (wait <= 0) return wordsFor(reason);
  const at = Date.now() + wait;
  return (
    <>
      {wordsFor(reason)} <Wait key={at} at={at} />
    </>
  );
}

// Counts down for the eye. A screen reader says it once, with the words before it, and not every second.
function Wait({ at }: { at: Millis }) {
  const [over, setOver] = useState(false);
  const now = useClock(500, !over);
  if (now >= at && !over) setOver(true);
  return (
    <span role="timer" aria-live="off">
      {waitWords(at - now)}
    </span>
  );
}
