import type { Message } from '../../../schema/core';
import { useTabIndex } from '../tab_stop';
import { Ticks, tickWords } from '../ticks';
import './message_info.css';

// The ticks of an own message, which open who has it once it is sent.
export function MessageTicks({ message, onInfo }: { message: Message; onInfo: () => void }) {
  const tabIndex = useTabIndex();
  if (message.seq === undefined) return <Ticks state={message.state} />;
  return (
    <button
      type="button"
      className="message-ticks"
      aria-label={`Message info: ${tickWords(message.state)}`}
      aria-haspopup="dialog"
      tabIndex={tabIndex}
      onClick={onInfo}
    >
      <Ticks state={message.state} spoken={false} />
    </button>
  );
}
