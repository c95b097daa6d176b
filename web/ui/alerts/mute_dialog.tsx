import type { Chat } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Dialog, useCloseDialog } from '../dialog';
import { inSentence } from '../person';
import { useCommand } from '../use_command';
import { kMuteTimes, untilOf } from './mute';

// For how long a chat is to be silent.
export function MuteDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  return (
    <Dialog title={`Mute “${inSentence(chat.title)}”?`} closable onClose={onClose}>
      <Times chat={chat} />
    </Dialog>
  );
}

function Times({ chat: { conversation } }: { chat: Chat }) {
  const store = useStore();
  const close = useCloseDialog();
  const { busy, error, attempt } = useCommand();

  async function mute(until_ms: number | null) {
    if (await attempt(() => store.run({ type: 'mute', conversation, until_ms }))) close();
  }

  return (
    <>
      <p className="dialog-text">You are told of nothing in this chat. Nobody else sees that.</p>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="dialog-choices">
        {kMuteTimes
          .filter(({ forMs }) => forMs !== 0)
          .map((time) => (
            <Button
              key={time.name}
              look="quiet"
              wide
              aria-disabled={busy}
              onClick={() => void mute(untilOf(time, Date.now()))}
            >
              {time.words}
            </Button>
          ))}
      </div>
    </>
  );
}
