import type { Id } from '../../../schema/core';
import { Button } from '../controls';
import { FindForm } from '../chats/find_form';
import { FirstRunFrame } from './frame';

// The last of the five: somebody to write to.
export function FirstChatScreen({ onFound, onLater }: { onFound: (user: Id) => void; onLater: () => void }) {
  return (
    <FirstRunFrame
      step={5}
      title="Who do you want to write to?"
      lead="They can be found by the number or e-mail they use for Kith."
    >
      <div className="first-run-form">
        <FindForm onFound={(contact) => onFound(contact.user)} />
        <div className="first-run-actions">
          <Button look="text" onClick={onLater}>
            Later
          </Button>
        </div>
      </div>
    </FirstRunFrame>
  );
}
