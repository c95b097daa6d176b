// Types of bridge.js: src/client/core/core.h in TypeScript.

// Never a view of the module's memory, which may move.
export type Bytes = Uint8Array<ArrayBuffer>;

export interface Row {
  key: Bytes;
  value: Bytes;
}

export interface Write {
  key: Bytes;
  value: Bytes | null; // null deletes
}

export interface Batch {
  generation: bigint; // what the generation row must hold before this batch; 0: it is absent
  writes: Write[];
}

export type Transmit =
  | { kind: 'open_socket'; socket: number }
  | { kind: 'send_frame'; socket: number; frame: Bytes }
  | { kind: 'close_socket'; socket: number; code: number }
  | { kind: 'http'; id: number; method: string; path: string; bearer: string; body: string };

export interface Load {
  id: number;
  from: Bytes;
  to: Bytes;
  limit: number;
  reverse: boolean;
}

export interface Output {
  persist: Batch;
  transmit: Transmit[];
  show: string[]; // events of schema/core.d.ts as JSON
  load: Load[];
  wakeAt: number | null;
}

export interface Machine {
  start(now: number, boot: Row[]): Output;
  command(now: number, json: string): Output;
  socketOpened(now: number, socket: number): Output;
  socketFrame(now: number, socket: number, frame: Bytes): Output;
  socketClosed(now: number, socket: number): Output;
  httpResponse(now: number, request: number, status: number, body: string): Output;
  loaded(now: number, load: number, rows: Row[]): Output;
  tick(now: number): Output;
  destroy(): void;
}

export function loadBridge(
  module: WebAssembly.Module,
  sodium: unknown,
  fflate: unknown,
  log?: (text: string) => void,
): Promise<{ create(): Machine }>;
