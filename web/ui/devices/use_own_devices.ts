import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Id, Millis, OwnDevice } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { explain } from '../explain';
import { useClock, useReached } from '../use_clock';

const kUsuallyMs = 30_000;
// A device that was let in comes by itself, in a few seconds.
const kExpectedMs = 2_000;
const kExpectedForMs = 60_000;

function thisThenNewest(a: OwnDevice, b: OwnDevice): number {
  return Number(b.is_this) - Number(a.is_this) || b.added_at - a.added_at;
}

// The user's devices, asked for again and again while they are looked at: nothing tells of them.
export function useOwnDevices() {
  const store = useStore();
  const online = useSelect((state) => state.connection === 'online');
  const [devices, setDevices] = useState<readonly OwnDevice[]>();
  const [keysByRecoveryKey, setKeysByRecoveryKey] = useState(true);
  const [changes, setChanges] = useState(0);
  const [error, setError] = useState<ReactNode>();
  const [expectedUntil, setExpectedUntil] = useState<Millis | null>(null);
  const late = useReached(expectedUntil);
  const expecting = expectedUntil !== null && !late;
  const now = useClock(expecting ? kExpectedMs : kUsuallyMs);

  useEffect(() => {
    let over = false;
    store.run({ type: 'list_devices' }).then(
      (answer) => {
        if (over) return;
        setDevices([...answer.devices].sort(thisThenNewest));
        setKeysByRecoveryKey(answer.keys_by_recovery_key);
        setError(undefined);
      },
      (reason: unknown) => !over && setError(explain(reason)),
    );
    return () => {
      over = true;
    };
  }, [store, online, now, changes]);

  return {
    devices,
    keysByRecoveryKey,
    error,
    now,
    expectOne: () => setExpectedUntil(Date.now() + kExpectedForMs),
    // Something else is so now.
    changed: () => setChanges((count) => count + 1),
    rename: async (device: Id, name: string) => {
      await store.run({ type: 'rename_device', device, name });
      setDevices((known) => known?.map((each) => (each.device === device ? { ...each, name } : each)));
    },
  };
}
