// The port to the client core. The store needs nothing else of it: in the application it is a worker (store/worker_port.ts),
// in tests a scripted core in memory (test-support/fake_core.ts).

import type { FromWorker, ToWorker } from '../core-worker/messages';

export interface CorePort {
  post(message: ToWorker): void;
  // One listener for the life of the port. Messages arrive in the order in which the core made them.
  listen(listener: (message: FromWorker) => void): void;
}
