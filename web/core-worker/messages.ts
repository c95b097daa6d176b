// What the page and the worker say to each other. Commands and events themselves are those of schema/core.d.ts; the rest is
// about the life of the worker: which tab holds this device's state, and whether this browser can hold it at all.

import type { Command, Event } from '../../schema/core';

export type ToWorker =
  | { kind: 'command'; command: Command }
  // The user chose to use this tab: the tab that holds the state is made to let go of it.
  | { kind: 'take_over' };

export type FromWorker =
  // The events of one or more outputs of the core, in order. Shown together: a reader never sees half of an output.
  | { kind: 'events'; events: Event[] }
  // Another tab holds this device's state; nothing happens here until it is closed or `take_over` is sent.
  | { kind: 'held_elsewhere' }
  // The state is ours; the core starts.
  | { kind: 'starting' }
  // There is no core in this tab, and there will be none.
  | { kind: 'failed'; reason: FailReason };

export type FailReason =
  | 'insecure' // not a secure context: no locks, no service worker
  | 'no_storage' // IndexedDB cannot be opened (some private modes)
  | 'no_core' // the core could not be fetched or compiled
  | 'crashed'; // a bug of ours: the core ended itself
