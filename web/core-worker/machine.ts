// The client core as this shell sees it: src/client/core/core.h in TypeScript, as the bridge gives it.

export type { Batch, Bytes, Load, Machine, Output, Row, Transmit, Write } from '../../src/client/wasm/bridge';

const encoder = new TextEncoder();

// The rows that start() needs, and the one that fences (core.h).
export const kBootFrom = encoder.encode('b');
export const kBootTo = encoder.encode('c');
export const kGenerationKey = encoder.encode('b!generation');
