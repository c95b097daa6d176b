// Where the user is. Lives in the address's fragment, so that "back" is the browser's own and a reload stays in place. Each entry
// of the browser's history carries the trail of places that led to it, so that the interface's own "back" goes the same way.

import { useSyncExternalStore } from 'react';
import type { Id } from '../../schema/core';

export type Route =
  | { at: 'chats' }
  | { at: 'new' }
  | { at: 'you' }
  // A chat is named by the person: it can be opened before its first message has made the conversation.
  | { at: 'chat'; user: Id; info: boolean };

export function parseRoute(fragment: string): Route {
  const [place, user, part] = fragment.replace(/^#\/?/u, '').split('/');
  if (place === 'new' || place === 'you') return { at: place };
  if (place === 'chat' && user !== undefined && /^[0-9a-f]{32}$/u.test(user)) {
    return { at: 'chat', user, info: part === 'info' };
  }
  return { at: 'chats' };
}

export function fragmentOf(route: Route): string {
  switch (route.at) {
    case 'chats':
      return '#/';
    case 'new':
    case 'you':
      return `#/${route.at}`;
    case 'chat':
      return `#/chat/${route.user}${route.info ? '/info' : ''}`;
  }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener('hashchange', listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener('hashchange', listener);
  };
}

export function useRoute(): Route {
  const fragment = useSyncExternalStore(subscribe, () => window.location.hash);
  return parseRoute(fragment);
}

const kLongestTrail = 50;

// Of an entry that is not ours (the first one, an edited address) nothing is known.
function trail(): readonly string[] {
  return (window.history.state as { trail?: readonly string[] } | null)?.trail ?? [];
}

function here(): string {
  return fragmentOf(parseRoute(window.location.hash));
}

function announce(): void {
  window.dispatchEvent(new PopStateEvent('popstate'));
}

export function go(route: Route): void {
  const fragment = fragmentOf(route);
  if (fragment === here()) return;
  window.history.pushState({ trail: [...trail(), here()].slice(-kLongestTrail) }, '', fragment);
  announce();
}

// Instead of the current place: moving between chats leaves no trail of backs.
export function goInstead(route: Route): void {
  window.history.replaceState(window.history.state, '', fragmentOf(route));
  announce();
}

let returning = false;

// Back to where this place last was. Where it never was (a chat's address was opened), it comes instead of the current one: either
// way the browser's own back does not lead here again.
export function goBack(route: Route): void {
  const at = trail().lastIndexOf(fragmentOf(route));
  if (at < 0) {
    goInstead(route);
    return;
  }
  // The browser goes later: a second press meanwhile would lead out of Kith.
  if (returning) return;
  returning = true;
  window.addEventListener('popstate', () => (returning = false), { once: true });
  window.history.go(at - trail().length);
}
