import { createContext, useContext, useSyncExternalStore } from 'react';
import type { State } from './state';
import type { Store } from './store';

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('No store above this component.');
  return store;
}

// A part of the state. `select` must give the same value for the same state (no new objects).
export function useSelect<T>(select: (state: State) => T): T {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
