import type { Message } from '../../../schema/core';
import { IconButton } from '../controls';
import { CloseIcon } from '../icons';
import { useNames } from '../names';

// Over the composer: the message that the next one answers.
export function ReplyBar({ message, onClose }: { message: Message; onClose: () => void }) {
  const names = useNames();
  return (
    <div className="reply-bar" role="group" aria-label="Reply">
      <div className="quote">
        <span className="quote-name" role="status">
          <span className="spoken">Reply to </span>
          {names.told(message.sender)}
        </span>
        <span className="quote-text">
          {message.text === undefined ? 'A message' : <bdi>{message.text}</bdi>}
        </span>
      </div>
      <IconButton label="Don’t reply" keys="Esc" onClick={onClose}>
        <CloseIcon size={20} />
      </IconButton>
    </div>
  );
}
