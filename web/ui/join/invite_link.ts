// Invite links: what they look like, and the one that was opened here, held until it is answered. Its code is a secret that lets
// people into a group: it leaves the address bar at once, and is kept in this tab alone, so that it outlives registration.

import { useEffect, useSyncExternalStore } from 'react';
import { fragmentOf } from '../route';

const kBegin = '#join=';
const kPlace = 'kith.invite-link';
// Nothing longer is one. What is cut off is no link either, and is said to be none.
const kLongest = 1024;

// What people pass on. `link` is what the core calls so: all that follows the address of the server.
export function addressOf(link: string): string {
  return `${window.location.origin}/${link}`;
}

// The link that an address holds, if it is one of this server.
export function linkIn(address: string): string | undefined {
  const { origin, pathname, hash } = new URL(address);
  const ours = origin === window.location.origin && pathname === '/' && hash.startsWith(kBegin);
  return ours ? hash : undefined;
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function announce(): void {
  for (const listener of listeners) listener();
}

export function heldLink(): string | null {
  return window.sessionStorage.getItem(kPlace);
}

export function holdLink(link: string): void {
  window.sessionStorage.setItem(kPlace, link.slice(0, kLongest));
  announce();
}

export function dropLink(): void {
  window.sessionStorage.removeItem(kPlace);
  announce();
}

export function useHeldLink(): string | null {
  return useSyncExternalStore(subscribe, heldLink);
}

// Out of the address, and out of the browser's history.
function takeLink(): void {
  const { hash } = window.location;
  if (!hash.startsWith(kBegin)) return;
  window.history.replaceState(window.history.state, '', fragmentOf({ at: 'chats' }));
  holdLink(hash);
}

// Takes the link that Kith was opened by, and each that is opened while it runs.
export function useTakeLinks(): void {
  useEffect(() => {
    takeLink();
    window.addEventListener('hashchange', takeLink);
    return () => window.removeEventListener('hashchange', takeLink);
  }, []);
}
