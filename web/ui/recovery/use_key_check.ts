import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useStore } from '../../store/hooks';
import { explain } from '../explain';
import { charactersIn, kCharacters } from './spelling';

// What the core says of a key once all of it is there: whether it is one, and of a device with an account whether it is the
// account's. Nothing before that.
export interface KeyCheck {
  spelled: boolean;
  isRight?: boolean | undefined;
  error?: ReactNode;
}

export function useKeyCheck(text: string): KeyCheck | undefined {
  const store = useStore();
  const key = charactersIn(text);
  const [found, setFound] = useState<{ key: string; check: KeyCheck }>();
  const whole = key.length >= kCharacters;

  useEffect(() => {
    if (!whole) return;
    let over = false;
    const say = (check: KeyCheck) => {
      if (!over) setFound({ key, check });
    };
    store.run({ type: 'check_recovery_key', recovery_key: key }).then(
      ({ is_right: isRight }) => say({ spelled: true, isRight }),
      (reason: unknown) => say({ spelled: false, error: explain(reason) }),
    );
    return () => {
      over = true;
    };
  }, [store, key, whole]);

  return whole && found?.key === key ? found.check : undefined;
}
