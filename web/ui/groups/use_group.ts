import { useEffect, useState } from 'react';
import type { Chat, Group, Id } from '../../../schema/core';
import type { CommandFailed } from '../../store/commands';
import { useSelect, useStore } from '../../store/hooks';

export interface KnownGroup {
  chat: Chat | undefined;
  // Null until the core has told it, or where it cannot; `error` says why.
  group: Group | null;
  error: CommandFailed | null;
  // Asks once more.
  again: () => void;
}

// A group, kept right for as long as it is looked at. Whoever is out of it is told nothing more.
export function useGroup(conversation: Id): KnownGroup {
  const store = useStore();
  const kept = useSelect((state) => state.chats.get(conversation));
  const info = useSelect((state) => state.groups.get(conversation));
  const [tries, setTries] = useState(0);
  const chat = kept?.kind === 'group' ? kept : undefined;
  const inside = chat !== undefined && chat.membership !== 'out';
  useEffect(
    () => (inside ? store.watchGroup(conversation) : undefined),
    [store, conversation, inside, tries],
  );
  return {
    chat,
    group: inside ? (info?.group ?? null) : null,
    error: inside ? (info?.error ?? null) : null,
    again: () => setTries((before) => before + 1),
  };
}
