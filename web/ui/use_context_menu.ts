import { useEffect, useRef } from 'react';
import type { MouseEvent, PointerEvent, TouchEvent } from 'react';

const kHoldMs = 500;
// A finger is never quite still.
const kStillPx = 10;

// What asks for a menu elsewhere than at its button: a right click, the keyboard's key for it, and a finger that rests. Browsers
// tell of all three by one event, but for those of iPhones, which leave the finger to the page.
export function useContextMenu(openAt: (left: number, top: number) => void) {
  const timer = useRef<number | undefined>(undefined);
  const began = useRef({ x: 0, y: 0 });
  const held = useRef(false);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const end = () => window.clearTimeout(timer.current);

  function open(left: number, top: number) {
    end();
    held.current = true;
    openAt(left, top);
  }

  return {
    onContextMenu(event: MouseEvent) {
      event.preventDefault();
      const isPlaced = event.clientX !== 0 || event.clientY !== 0;
      const { left, bottom } = event.currentTarget.getBoundingClientRect();
      open(isPlaced ? event.clientX : left, isPlaced ? event.clientY : bottom);
      held.current = false;
    },
    onPointerDown(event: PointerEvent) {
      end();
      held.current = false;
      if (event.pointerType !== 'touch') return;
      const { clientX: x, clientY: y } = event;
      began.current = { x, y };
      timer.current = window.setTimeout(() => open(x, y), kHoldMs);
    },
    onPointerMove(event: PointerEvent) {
      const { x, y } = began.current;
      if (Math.hypot(event.clientX - x, event.clientY - y) > kStillPx) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The finger that has opened a menu is lifted: that is no press of a mouse, which would close it, and opens nothing else.
    onTouchEnd(event: TouchEvent) {
      if (held.current) event.preventDefault();
    },
    onClickCapture(event: MouseEvent) {
      if (!held.current) return;
      held.current = false;
      event.preventDefault();
      event.stopPropagation();
    },
  };
}
