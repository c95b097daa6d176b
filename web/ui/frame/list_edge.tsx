import { useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

const kNarrowest = 280;
const kWidest = 480;
const kUsual = 360;
const kPlace = 'kith.list-width';

function clamp(width: number): number {
  return Math.min(kWidest, Math.max(kNarrowest, Math.round(width)));
}

// How wide the list is: a matter of taste, remembered in this browser.
export function useListWidth(): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => {
    const kept = Number(localStorage.getItem(kPlace) ?? kUsual);
    return Number.isFinite(kept) ? clamp(kept) : kUsual;
  });
  function change(next: number) {
    setWidth(clamp(next));
    localStorage.setItem(kPlace, String(clamp(next)));
  }
  return [width, change];
}

// The edge between list and conversation, to drag or to move with the arrow keys.
export function ListEdge({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  function drag(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const list = event.currentTarget.parentElement;
    if (list !== null) onWidth(event.clientX - list.getBoundingClientRect().left);
  }

  function onKey(event: KeyboardEvent) {
    const by = event.key === 'ArrowLeft' ? -16 : event.key === 'ArrowRight' ? 16 : 0;
    if (by === 0) return;
    event.preventDefault();
    onWidth(width + by);
  }

  return (
    <div
      className="list-edge"
      role="separator"
      aria-label="Width of the list"
      aria-orientation="vertical"
      aria-valuemin={kNarrowest}
      aria-valuemax={kWidest}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={onKey}
      onDoubleClick={() => onWidth(kUsual)}
    />
  );
}
