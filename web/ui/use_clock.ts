import { useEffect, useState } from 'react';

// The time, moving in steps of `stepMs` while `running`.
export function useClock(stepMs: number, running = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return undefined;
    const timer = window.setInterval(() => setNow(Date.now()), stepMs);
    return () => window.clearInterval(timer);
  }, [stepMs, running]);
  return now;
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
