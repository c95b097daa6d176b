import { useState } from 'react';
import { createPortal } from 'react-dom';
import type { Message } from '../../../schema/core';
import { Dialog } from '../dialog';
import { Ticks, tickWords } from '../ticks';
import { MessageInfo } from './message_info';
import './message_info.css';

// The ticks of an own message, which open who has it once it is sent.
export function MessageTicks({ message }: { message: Message }) {
  const [open, setOpen] = useState(false);
  if (message.seq === undefined) return <Ticks state={message.state} />;
  return (
    <>
      <button
        type="button"
        className="message-ticks"
        aria-label={`Message info: ${tickWords(message.state)}`}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Ticks state={message.state} spoken={false} />
      </button>
      {open &&
        // Beside the list: what it looks like is not a message's.
        createPortal(
          <Dialog title="Message info" closable onClose={() => setOpen(false)}>
            <MessageInfo message={message} />
          </Dialog>,
          document.body,
        )}
    </>
  );
}
