import { useEffect, useState } from 'react';
import type { Millis } from '../../schema/core';

// The time, moving in steps of `stepMs` while `running`.
export function useClock(stepMs: Millis, running = true): Millis {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = window.setInterval(() => setNow(Date.now()), stepMs);
    return () => window.clearInterval(timer);
  }, [stepMs, running]);
  return now;
}

// Whether the time `at` has come; never, where there is none.
export function useReached(at: Millis | null): boolean {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (at === null) return undefined;
    // A timer may be a little early.
    const timer = window.setTimeout(() => setNow(Math.max(at, Date.now())), at - Date.now());
    return () => window.clearTimeout(timer);
  }, [at]);
  return at !== null && now >= at;
}

// True once `condition` has held for `ms`, and false as soon as it does not.
export function useHeldFor(condition: boolean, ms: number): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!condition) return undefined;
    const timer = window.setTimeout(() => setHeld(true), ms);
    return () => {
      window.clearTimeout(timer);
      setHeld(false);
    };
  }, [condition, ms]);
  return condition && held;
}
