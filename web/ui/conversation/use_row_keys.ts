import { useState } from 'react';
import type { FocusEvent, KeyboardEvent, RefObject } from 'react';
import type { Id } from '../../../schema/core';

// A long list of messages as one stop of the Tab key: the arrows, Home and End move through it, Enter or the menu key opens a
// message's menu, and Tab goes on to what stands in the current one. Until somebody moves, the newest is the current one.
// `onMove` brings a row into sight and gives it the focus.
export function useRowKeys(
  list: RefObject<HTMLElement | null>,
  rows: readonly Id[],
  onMove: (row: HTMLElement) => void,
) {
  const [chosen, setChosen] = useState<Id | null>(null);
  const current = chosen !== null && rows.includes(chosen) ? chosen : (rows.at(-1) ?? null);

  function move(to: number) {
    const id = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    const row = list.current?.querySelector<HTMLElement>(`[data-row="${id ?? ''}"]`);
    if (row) onMove(row);
  }

  function onKeyDown(event: KeyboardEvent) {
    const row = rowOf(event.target);
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      if (openMenu(row)) event.preventDefault();
      return;
    }
    if (event.shiftKey) return;
    const at = rows.indexOf(row.dataset['row'] ?? '');
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) move(to);
    else if (event.key !== 'Enter' || event.target !== row || !openMenu(row)) return;
    event.preventDefault();
  }

  function onFocus(event: FocusEvent) {
    const id = rowOf(event.target)?.dataset['row'];
    if (id !== undefined) setChosen(id);
  }

  return { current, handlers: { onKeyDown, onFocus } };
}

function rowOf(target: EventTarget): HTMLElement | null {
  return target instanceof HTMLElement ? target.closest<HTMLElement>('[data-row]') : null;
}

function openMenu(row: HTMLElement): boolean {
  const button = row.querySelector<HTMLElement>('[aria-haspopup="menu"]');
  button?.click();
  return button !== null;
}
