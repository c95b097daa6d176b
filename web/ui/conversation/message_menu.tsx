import type { Message } from '../../../schema/core';
import { Menu } from '../menu';
import type { MenuItem } from '../menu';

interface Props {
  message: Message;
  // Absent where nothing can be written.
  onReply: ((message: Message) => void) | undefined;
  onCopy: (text: string) => void;
  onInfo: () => void;
}

// What can be done with a message; of one that is not in the log yet nothing but to copy it.
export function MessageMenu({ message, onReply, onCopy, onInfo }: Props) {
  const { text } = message;
  const isSent = message.seq !== undefined;
  const items: MenuItem[] = [];
  if (isSent && onReply !== undefined) items.push({ label: 'Reply', onPick: () => onReply(message) });
  if (text !== undefined) items.push({ label: 'Copy text', onPick: () => onCopy(text) });
  if (isSent && message.mine) items.push({ label: 'Message info', onPick: onInfo });
  if (items.length === 0) return null;
  return (
    <span className="message-menu">
      <Menu label="More about this message" items={items} />
    </span>
  );
}
