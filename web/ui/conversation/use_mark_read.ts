import { useEffect, useEffectEvent, useRef } from 'react';
import type { RefObject } from 'react';
import type { Chat } from '../../../schema/core';
import { useStore } from '../../store/hooks';

// What has been on the screen of a window that somebody looks at is read. Call the result whenever something else may show.
export function useMarkRead(chat: Chat, list: RefObject<HTMLElement | null>): () => void {
  const store = useStore();
  const marked = useRef(chat.read_seq);

  function mark() {
    if (list.current === null || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const seq = lastVisibleSeq(list.current);
    if (seq <= Math.max(marked.current, chat.read_seq)) return;
    marked.current = seq;
    store.tell({ type: 'mark_read', conversation: chat.conversation, seq });
  }

  const onReturn = useEffectEvent(mark);
  useEffect(() => {
    const listener = () => onReturn();
    window.addEventListener('focus', listener);
    document.addEventListener('visibilitychange', listener);
    return () => {
      window.removeEventListener('focus', listener);
      document.removeEventListener('visibilitychange', listener);
    };
  }, []);

  return mark;
}

function lastVisibleSeq(list: HTMLElement): number {
  const edge = list.getBoundingClientRect().bottom;
  const rows = list.querySelectorAll<HTMLElement>('[data-seq]');
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index];
    if (row !== undefined && row.getBoundingClientRect().top < edge) return Number(row.dataset['seq']);
  }
  return 0;
}
