// Types of kith_host.js.
export function kithImports(
  sodium: unknown,
  memory: () => WebAssembly.Memory,
  log?: (text: string) => void,
): WebAssembly.Imports;
