// Where the build found the client core (vite.config.ts).
declare module 'kith.wasm?url' {
  const url: string;
  export default url;
}
