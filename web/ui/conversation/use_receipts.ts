import { useEffect, useState } from 'react';
import type { Message } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import type { Receipts } from '../../store/commands';
import { useSelect, useStore } from '../../store/hooks';
import { useClock } from '../use_clock';

// Nobody says when the numbers of a large group move.
const kCountAgainMs = 15_000;

interface Known {
  // The last that was told; null until then.
  receipts: Receipts | null;
  error: CommandFailed | null;
}

// Who has an own message, kept right for as long as it is looked at.
export function useReceipts({ conversation, order }: Message): Known {
  const store = useStore();
  const moved = useSelect((state) => state.receiptsMoved.get(conversation) ?? 0);
  const online = useSelect((state) => state.connection === 'online');
  const [known, setKnown] = useState<Known>({ receipts: null, error: null });
  const isCounted = known.receipts !== null && 'of' in known.receipts;
  const now = useClock(kCountAgainMs, isCounted);
  useEffect(() => {
    let isOver = false;
    store.run({ type: 'receipts', conversation, order }).then(
      (receipts) => {
        if (!isOver) setKnown({ receipts, error: null });
      },
      (reason: unknown) => {
        const error = reason instanceof CommandFailed ? reason : new CommandFailed('internal', '');
        if (!isOver) setKnown((before) => ({ ...before, error }));
      },
    );
    return () => {
      isOver = true;
    };
  }, [store, conversation, order, moved, online, now]);
  return known;
}
