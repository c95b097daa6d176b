// Where the user is. Lives in the address's fragment, so that "back" is the browser's own and a reload stays in place. Each entry
// of the browser's history carries the trail of places that led to it, so that the interface's own "back" goes the same way.

import { useSyncExternalStore } from 'react';
import type { Chat, Id } from '../../schema/core';

export type Route =
  | { at: 'chats' }
  | { at: 'new' }
  | { at: 'new_group'; step: 'people' | 'name' }
  | { at: 'you' }
  | { at: 'devices' }
  | { at: 'history' }
  // The chats that are put away.
  | { at: 'archived' }
  // A chat is named by the person: it can be opened before its first message has made the conversation.
  | { at: 'chat'; user: Id; info: boolean }
  // What stands beside a group's messages: what is known of it, or the choice of people to add.
  | { at: 'group'; conversation: Id; beside: 'nothing' | 'info' | 'add' };

export function parseRoute(fragment: string): Route {
  const [place, id = '', part] = fragment.replace(/^#\/?/u, '').split('/');
  if (place === 'new' && id === 'group') return { at: 'new_group', step: part === 'name' ? part : 'people' };
  if (place === 'you' && id === 'devices') return { at: 'devices' };
  if (place === 'you' && id === 'history') return { at: 'history' };
  if (place === 'new' || place === 'you' || place === 'archived') return { at: place };
  if (place === 'chat' && /^[0-9a-f]{32}$/u.test(id)) return { at: 'chat', user: id, info: part === 'info' };
  if (place === 'group' && /^[0-9a-f]{64}$/u.test(id)) {
    return { at: 'group', conversation: id, beside: part === 'info' || part === 'add' ? part : 'nothing' };
  }
  return { at: 'chats' };
}

export function fragmentOf(route: Route): string {
  switch (route.at) {
    case 'chats':
      return '#/';
    case 'new':
    case 'you':
    case 'archived':
      return `#/${route.at}`;
    case 'devices':
    case 'history':
      return `#/you/${route.at}`;
    case 'chat':
      return `#/chat/${route.user}${route.info ? '/info' : ''}`;
    case 'new_group':
      return `#/new/group${route.step === 'name' ? '/name' : ''}`;
    case 'group':
      return `#/group/${route.conversation}${route.beside === 'nothing' ? '' : `/${route.beside}`}`;
  }
}

export function routeOf(chat: Chat): Route {
  return chat.user === undefined
    ? { at: 'group', conversation: chat.conversation, beside: 'nothing' }
    : { at: 'chat', user: chat.user, info: false };
}

// The chat that is open there, with nothing beside it; null: none.
export function chatAt(route: Route): Route | null {
  if (route.at === 'chat') return { ...route, info: false };
  return route.at === 'group' ? { ...route, beside: 'nothing' } : null;
}

export function isOpen(chat: Chat, route: Route): boolean {
  const open = chatAt(route);
  return open !== null && fragmentOf(open) === fragmentOf(routeOf(chat));
}

// Which of the panes shows where there is room for one.
export function paneOf(route: Route): 'list' | 'chat' | 'info' {
  if (route.at === 'chat') return route.info ? 'info' : 'chat';
  return route.at === 'group' ? (route.beside === 'nothing' ? 'chat' : 'info') : 'list';
}

// Where "back" leads from here.
export function wayBack(route: Route): Route {
  if (route.at === 'new_group') return route.step === 'name' ? { ...route, step: 'people' } : { at: 'new' };
  if (route.at === 'devices' || route.at === 'history') return { at: 'you' };
  if (route.at === 'group' && route.beside === 'add') return { ...route, beside: 'info' };
  if (route.at === 'group' && route.beside === 'info') return { ...route, beside: 'nothing' };
  if (route.at === 'chat' && route.info) return { ...route, info: false };
  return chatAt(route) === null ? { at: 'chats' } : listOf(route);
}

// Which of the two lists stands beside a place: of a chat the one from which it was opened.
export function listOf(route: Route): Route {
  if (chatAt(route) === null) return route.at === 'archived' ? route : { at: 'chats' };
  const lists: readonly Route[] = [{ at: 'chats' }, { at: 'archived' }];
  const opened = trail().findLast((place) => lists.some((list) => fragmentOf(list) === place));
  return lists.find((list) => fragmentOf(list) === opened) ?? { at: 'chats' };
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
