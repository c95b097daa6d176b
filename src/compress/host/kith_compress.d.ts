// Types of kith_compress.js.
export function compressImports(fflate: unknown, memory: () => WebAssembly.Memory): WebAssembly.Imports;
