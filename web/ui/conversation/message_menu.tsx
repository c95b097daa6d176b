import type { Message } from '../../../schema/core';
import { Menu } from '../menu';

interface Props {
  message: Message;
  onReply: (message: Message) => void;
}

// What can be done with a message that is in the log.
export function MessageMenu({ message, onReply }: Props) {
  return (
    <span className="message-menu">
      <Menu label="More about this message" items={[{ label: 'Reply', onPick: () => onReply(message) }]} />
    </span>
  );
}
