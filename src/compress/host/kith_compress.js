// The JavaScript side of src/compress/host: fflate for a Kith WebAssembly module.

/**
 * Imports for WebAssembly.instantiate, beside those of kith_host.js.
 * @param fflate  the package of this name
 * @param memory  a function that gives the instance's WebAssembly.Memory (it exists only after instantiation)
 */
export function compressImports(fflate, memory) {
  // Memory may grow at any call, so views are made anew each time.
  const at = (address, size) => new Uint8Array(memory().buffer, address, size);
  const kith_compress = {
    deflate(data, size, out, room) {
      const deflated = fflate.deflateSync(at(data, size));
      if (deflated.length > room) return 0;
      at(out, deflated.length).set(deflated);
      deflated.fill(0);
      return deflated.length;
    },
    inflate(data, size, out, outSize) {
      // With a buffer of its own fflate never grows it. One byte more shows what unfolds to more.
      const room = new Uint8Array(outSize + 1);
      let is_whole = false;
      try {
        is_whole = fflate.inflateSync(at(data, size), { out: room }).length === outSize;
      } catch {
        // Not deflated bytes.
      }
      if (is_whole) at(out, outSize).set(room.subarray(0, outSize));
      room.fill(0);
      return is_whole ? 1 : 0;
    },
  };
  return { kith_compress };
}
