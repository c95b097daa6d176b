import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useStore } from '../../store/hooks';
import { explain } from '../explain';

// Whether the number is locked by a PIN: undefined until the server has said so, or why it has not.
export function useLock() {
  const store = useStore();
  const [locked, setLocked] = useState<boolean>();
  const [unknown, setUnknown] = useState<ReactNode>();

  useEffect(() => {
    let over = false;
    store.run({ type: 'has_pin' }).then(
      ({ has_pin: hasPin }) => {
        if (!over) setLocked(hasPin);
      },
      (reason: unknown) => {
        if (!over) setUnknown(explain(reason));
      },
    );
    return () => {
      over = true;
    };
  }, [store]);

  return { locked, setLocked, unknown };
}
