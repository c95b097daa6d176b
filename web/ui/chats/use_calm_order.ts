import { useEffect, useRef, useState } from 'react';
import type { Chat, Id } from '../../../schema/core';

// How long after its last movement a pointer over the list still counts as about to press.
const kSettleMs = 3000;

interface Held {
  order: readonly Id[];
  // Which of them were pinned then.
  pinned: string;
}

const idOf = (chat: Chat) => chat.conversation;

// The order in which chats show. While a pointer is busy over the list, known chats keep their places: nothing moves from under
// it. New ones wait at the end until it leaves or rests. What the user pins moves at once.
export function useCalmOrder(chats: readonly Chat[]) {
  const [held, setHeld] = useState<Held | null>(null);
  const pinned = chats
    .filter((chat) => chat.is_pinned)
    .map(idOf)
    .join();
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  function release() {
    window.clearTimeout(timer.current);
    setHeld(null);
  }

  function hold() {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(release, kSettleMs);
    setHeld((before) => (before?.pinned === pinned ? before : { order: chats.map(idOf), pinned }));
  }

  return {
    chats: held?.pinned === pinned ? inOrder(chats, held.order) : chats,
    handlers: { onPointerMove: hold, onPointerDown: hold, onPointerLeave: release },
  };
}

export function inOrder(chats: readonly Chat[], order: readonly Id[]): readonly Chat[] {
  const places = new Map(order.map((id, index) => [id, index]));
  const placeOf = (chat: Chat) => places.get(chat.conversation) ?? order.length;
  return [...chats].sort((a, b) => placeOf(a) - placeOf(b));
}
