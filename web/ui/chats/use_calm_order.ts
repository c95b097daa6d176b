import { useEffect, useRef, useState } from 'react';
import type { Chat, Id } from '../../../schema/core';

// How long after its last movement a pointer over the list still counts as about to press.
const kSettleMs = 3000;

// The order in which chats show. While a pointer is busy over the list, known chats keep their places: nothing moves from under
// it. New ones wait at the end until it leaves or rests.
export function useCalmOrder(chats: readonly Chat[]) {
  const [held, setHeld] = useState<readonly Id[] | null>(null);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  function release() {
    window.clearTimeout(timer.current);
    setHeld(null);
  }

  function hold() {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(release, kSettleMs);
    setHeld((before) => before ?? chats.map((chat) => chat.conversation));
  }

  return {
    chats: held === null ? chats : inOrder(chats, held),
    handlers: { onPointerMove: hold, onPointerDown: hold, onPointerLeave: release },
  };
}

export function inOrder(chats: readonly Chat[], order: readonly Id[]): readonly Chat[] {
  const places = new Map(order.map((id, index) => [id, index]));
  const placeOf = (chat: Chat) => places.get(chat.conversation) ?? order.length;
  return [...chats].sort((a, b) => placeOf(a) - placeOf(b));
}
