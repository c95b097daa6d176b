import { useEffect, useEffectEvent, useRef } from 'react';
import { chatAt, fragmentOf, listOf, paneOf, wayBack } from '../route';
import type { Route } from '../route';

// Keeps the focus in its place when the panes change. Whatever had it may be gone then, or hidden on a narrow screen: it goes back
// to what led to the pane that was left, or else to the heading of the one that shows, where a screen reader begins to read.
export function usePaneFocus(route: Route) {
  const before = useRef(route);
  const settle = useEffectEvent(() => {
    const left = before.current;
    before.current = route;
    if (isSomewhere()) return;
    (find(triggerOf(left, route)) ?? find(kHeadings[paneOf(route)]))?.focus();
  });
  const place = fragmentOf(route);
  useEffect(() => settle(), [place]);
}

function isSomewhere(): boolean {
  const active = document.activeElement;
  return active !== null && active !== document.body && active.getClientRects().length > 0;
}

function triggerOf(left: Route, now: Route): string | null {
  const toList = listOf(now).at === now.at;
  const back = toList || fragmentOf(wayBack(left)) === fragmentOf(now);
  if (!back) return null;
  if (paneOf(now) === 'chat') return '.conversation-about';
  return `a[href="${fragmentOf(toList ? (chatAt(left) ?? left) : left)}"]`;
}

const kHeadings = { list: '.frame-list h1', chat: '.frame-chat h2', info: '.info h2' };

function find(selector: string | null): HTMLElement | null {
  return selector === null ? null : document.querySelector<HTMLElement>(selector);
}
