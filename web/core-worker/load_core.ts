// Fetches and compiles the client core, and gives it its cryptography and compression.

import { deflateSync, inflateSync } from 'fflate';
import wasmUrl from 'kith.wasm?url';
import sodium from 'libsodium-wrappers-sumo';
import { loadBridge } from '../../src/client/wasm/bridge';
import type { Machine } from './machine';

export async function loadCore(): Promise<{ create(): Machine }> {
  const [module] = await Promise.all([compile(wasmUrl), sodium.ready]);
  return loadBridge(module, sodium, { deflateSync, inflateSync }, (text) => console.error(text));
}

async function compile(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The core could not be fetched: ${response.status}.`);
  return WebAssembly.compile(await response.arrayBuffer());
}
