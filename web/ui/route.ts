// Where the user is. Lives in the address's fragment, so that "back" is the browser's own and a reload stays in place.

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

export function go(route: Route): void {
  const fragment = fragmentOf(route);
  if (fragment !== window.location.hash) window.location.hash = fragment;
}

// Instead of the current place: moving between chats leaves no trail of backs.
export function goInstead(route: Route): void {
  window.history.replaceState(null, '', fragmentOf(route));
  window.dispatchEvent(new PopStateEvent('popstate'));
}
