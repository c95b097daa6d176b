// Keeps the application's own files, so that it opens without a network. Versioned as a whole: a new version is fetched
// completely before it replaces the old one. Never touches what belongs to the server's interface (/v1, health, metrics).

import { answerFor } from './routing';
import type { Shell } from './routing';

declare const self: ServiceWorkerGlobalScope;
// Replaced by the build (plugins/service_worker_plugin.ts).
declare const __KITH_SHELL__: Shell;

const shell = __KITH_SHELL__;
const kPrefix = 'kith-shell-';
const name = kPrefix + shell.version;

self.addEventListener('install', (event) => {
  event.waitUntil(install());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const answer = answerFor(request.method, request.mode, new URL(request.url), self.location.origin, shell);
  if (answer.kind === 'shell') event.respondWith(fromShell(answer.path, request));
  if (answer.kind === 'keep') event.respondWith(keep(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(name);
  // Past the browser's own cache: a version's files belong together.
  await cache.addAll(shell.files.map((path) => new Request(path, { cache: 'reload' })));
  await self.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((each) => each.startsWith(kPrefix) && each !== name);
  await Promise.all(old.map((each) => caches.delete(each)));
  await self.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(name);
  return (await cache.match(path)) ?? fetch(request);
}

// A file with a hash in its name never changes: once fetched it is kept with its version.
async function keep(request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
