import { useEffect, useEffectEvent, useRef } from 'react';
import { fragmentOf } from '../route';
import type { Route } from '../route';

// Keeps the focus in its place when the panes change. Whatever had it may be gone then, or hidden on a narrow screen: it goes back
// to what led to the pane that was left, or else to the heading of the one that shows, where a screen reader begins to read.
export function usePaneFocus(route: Route) {
  const before = useRef(route);
  const settle = useEffectEvent(() => {
    const left = before.current;
    before.current = route;
    if (isSomewhere()) return;
    (find(triggerOf(left, route)) ?? find(headingOf(route)))?.focus();
  });
  const place = fragmentOf(route);
  useEffect(() => settle(), [place]);
}

function isSomewhere(): boolean {
  const active = document.activeElement;
  return active !== null && active !== document.body && active.getClientRects().length > 0;
}

function triggerOf(left: Route, now: Route): string | null {
  if (left.at !== 'chat') return null;
  if (now.at === 'chats') return `.chat-row[href="${fragmentOf({ ...left, info: false })}"]`;
  return now.at === 'chat' && now.user === left.user && left.info ? '.conversation-person' : null;
}

function headingOf(route: Route): string {
  if (route.at !== 'chat') return '.frame-list h1';
  return route.info ? '.info h2' : '.frame-chat h2';
}

function find(selector: string | null): HTMLElement | null {
  return selector === null ? null : document.querySelector<HTMLElement>(selector);
}
