import { useId, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, RefObject } from 'react';
import type { Id, Member } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { matchMembers, mentionsIn, queryAt } from './mentions';

// Naming members in a text that is being written: who is offered at the caret, and the keys that choose among them.
export function useMentioning(
  area: RefObject<HTMLTextAreaElement | null>,
  text: string,
  onText: (text: string) => void,
  members: readonly Member[],
) {
  const me = useSelect((state) => state.account?.user);
  const listId = useId();
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  // The "@" at which the user wants no list.
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const picked = useRef<Id[]>([]);
  const caretAfter = useRef<number | null>(null);

  const query = members.length === 0 ? null : queryAt(text, caret);
  const matches = query === null || query.start === closedAt ? [] : matchMembers(members, me, query.text);
  // Nothing is left to choose once the whole name is there.
  const isWhole = matches.length === 1 && matches[0]?.name.toLowerCase() === query?.text.toLowerCase();
  const offered = isWhole ? [] : matches;
  const at = Math.min(chosen, offered.length - 1);

  useLayoutEffect(() => {
    if (caretAfter.current === null) return;
    area.current?.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = null;
  }, [area, text]);

  function moved(to: number) {
    setCaret(to);
    if (queryAt(text, to)?.start !== query?.start) setChosen(0);
    if (closedAt !== null && queryAt(text, to)?.start !== closedAt) setClosedAt(null);
  }

  function pick({ user, name }: Member) {
    if (query === null) return;
    const rest = text.slice(caret);
    const before = `${text.slice(0, query.start)}@${name}`;
    picked.current.push(user);
    caretAfter.current = before.length + 1;
    setCaret(before.length + 1);
    setChosen(0);
    onText(`${before}${rest.startsWith(' ') ? '' : ' '}${rest}`);
    area.current?.focus();
  }

  // True: the key was for the list.
  function onKey(event: KeyboardEvent): boolean {
    const member = offered[at];
    if (member === undefined || event.nativeEvent.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    if (step !== undefined) setChosen((at + step + offered.length) % offered.length);
    else if (event.key === 'Enter' || event.key === 'Tab') pick(member);
    else if (event.key === 'Escape') setClosedAt(query?.start ?? null);
    else return false;
    event.preventDefault();
    return true;
  }

  return {
    listId,
    offered,
    at,
    moved,
    pick,
    onKey,
    mentions: (sent: string) => mentionsIn(sent, members, me, picked.current),
    sent: () => (picked.current = []),
  };
}
