// What the service worker answers itself.

export interface Shell {
  version: string;
  files: string[];
}

export type Answer = { kind: 'network' } | { kind: 'shell'; path: string } | { kind: 'keep' };

export function answerFor(method: string, mode: string, url: URL, origin: string, shell: Shell): Answer {
  if (method !== 'GET' || url.origin !== origin) return { kind: 'network' };
  if (mode === 'navigate') return url.pathname === '/' ? { kind: 'shell', path: '/' } : { kind: 'network' };
  if (url.search === '' && shell.files.includes(url.pathname)) return { kind: 'shell', path: url.pathname };
  return url.pathname.startsWith('/assets/') ? { kind: 'keep' } : { kind: 'network' };
}
