// The JavaScript half of the bridge (bridge.cpp has the layout): makes cores in a kith.wasm, and turns inputs and outputs into plain
// values. No behaviour. Used by the web client's worker and by the tests under Node alike.
import { compressImports } from '../../compress/host/kith_compress.js';
import { kithImports } from '../../crypto/host/kith_host.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Reader {
  constructor(buffer, address) {
    this.view = new DataView(buffer);
    this.at = address;
  }
  u8() {
    return this.view.getUint8(this.at++);
  }
  u32() {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  u64() {
    this.at += 8;
    return this.view.getBigUint64(this.at - 8, true);
  }
  f64() {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }
  // A copy: the module's memory moves when it grows.
  bytes() {
    const size = this.u32();
    this.at += size;
    return new Uint8Array(this.view.buffer.slice(this.at - size, this.at));
  }
  text() {
    return decoder.decode(this.bytes());
  }
  list(read) {
    return Array.from({ length: this.u32() }, read);
  }
}

function readTransmit(r) {
  const kind = r.u8();
  const id = r.u32();
  if (kind === 0) return { kind: 'open_socket', socket: id };
  if (kind === 1) return { kind: 'send_frame', socket: id, frame: r.bytes() };
  if (kind === 2) return { kind: 'close_socket', socket: id, code: r.u32() };
  return { kind: 'http', id, method: r.text(), path: r.text(), bearer: r.text(), body: r.text() };
}

function readOutput(r) {
  r.u32();
  return {
    persist: {
      generation: r.u64(),
      writes: r.list(() => ({ key: r.bytes(), value: r.u8() === 1 ? r.bytes() : null })),
    },
    transmit: r.list(() => readTransmit(r)),
    show: r.list(() => r.text()),
    load: r.list(() => ({ id: r.u32(), from: r.bytes(), to: r.bytes(), limit: r.u32(), reverse: r.u8() === 1 })),
    wakeAt: r.u8() === 1 ? r.f64() : null,
  };
}

function writeRows(rows) {
  const size = rows.reduce((sum, row) => sum + 8 + row.key.length + row.value.length, 4);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint32(0, rows.length, true);
  let at = 4;
  for (const row of rows) {
    for (const part of [row.key, row.value]) {
      view.setUint32(at, part.length, true);
      out.set(part, at + 4);
      at += 4 + part.length;
    }
  }
  return out;
}

/**
 * Instantiates kith.wasm.
 * @param module  the compiled WebAssembly.Module
 * @param sodium  libsodium-wrappers-sumo, after `await sodium.ready`
 * @param fflate  the package of this name
 * @param log     takes what the module writes to its standard error
 * @returns {Promise<{create(): Machine}>}  see bridge.d.ts
 */
export async function loadBridge(module, sodium, fflate, log) {
  let exports;
  const memory = () => exports.memory;
  const imports = { ...kithImports(sodium, memory, log), ...compressImports(fflate, memory) };
  ({ exports } = await WebAssembly.instantiate(module, imports));
  exports._initialize();

  // Calls with a byte string in the module's memory; it is wiped and freed behind the call.
  const withBytes = (bytes, call) => {
    const address = exports.kith_alloc(bytes.length);
    new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
    try {
      return call(address, bytes.length);
    } finally {
      new Uint8Array(exports.memory.buffer, address, bytes.length).fill(0);
      exports.kith_free(address);
    }
  };
  const output = (address) => readOutput(new Reader(exports.memory.buffer, address));

  return {
    create() {
      const core = exports.kith_create();
      return {
        start: (now, boot) => withBytes(writeRows(boot), (at) => output(exports.kith_start(core, now, at))),
        command: (now, json) =>
          withBytes(encoder.encode(json), (at, size) => output(exports.kith_command(core, now, at, size))),
        socketOpened: (now, socket) => output(exports.kith_socket_opened(core, now, socket)),
        socketFrame: (now, socket, frame) =>
          withBytes(frame, (at, size) => output(exports.kith_socket_frame(core, now, socket, at, size))),
        socketClosed: (now, socket) => output(exports.kith_socket_closed(core, now, socket)),
        httpResponse: (now, request, status, body) =>
          withBytes(encoder.encode(body), (at, size) =>
            output(exports.kith_http_response(core, now, request, status, at, size)),
          ),
        loaded: (now, load, rows) =>
          withBytes(writeRows(rows), (at) => output(exports.kith_loaded(core, now, load, at))),
        tick: (now) => output(exports.kith_tick(core, now)),
        destroy: () => exports.kith_destroy(core),
      };
    },
  };
}
