import { memo } from 'react';
import type { Id, Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { inSentence } from '../person';
import { isoTime, timeOfDay } from '../when';
import { wordsForFailure } from '../words';
import type { Names } from '../names';
import { MessageMenu } from './message_menu';
import { MessageTicks } from './message_ticks';
import { MessageText } from './message_text';
import { Quote } from './quote';
import { shownTime } from './rows';

interface Props {
  message: Message;
  first: boolean;
  last: boolean;
  name: string;
  // Of the name over a group of bubbles, where it has to be said whose they are.
  hue: number | null;
  names: Names;
  // Whether the message that it answers is loaded; it is gone to with `onQuote`.
  loadedReply: boolean;
  onQuote: (message: Id) => void;
  // Absent where nothing can be written.
  onReply: ((message: Message) => void) | undefined;
}

export const MessageRow = memo(function MessageRow({
  message,
  first,
  last,
  name,
  hue,
  names,
  loadedReply,
  onQuote,
  onReply,
}: Props) {
  const at = shownTime(message);
  const { reply } = message;
  return (
    <div
      className="message"
      role="article"
      aria-label={message.mine ? 'You' : name}
      data-row={message.id}
      data-mine={message.mine}
      data-first={first}
      data-last={last}
      data-seq={message.seq}
    >
      <div className="message-line">
        <div className="bubble">
          {hue !== null && first && !message.mine && (
            <span className={`bubble-name name-${hue}`} aria-hidden="true">
              {name}
            </span>
          )}
          {reply !== undefined && (
            <Quote
              reply={reply}
              by={message.mine ? 'you' : inSentence(name)}
              names={names}
              onGo={loadedReply ? () => onQuote(reply.message) : undefined}
            />
          )}
          {message.text === undefined ? (
            <em className="bubble-unsupported">A message that this version of Kith can’t show.</em>
          ) : (
            <span className="bubble-text">
              <MessageText text={message.text} mentions={message.mentions} names={names} />
            </span>
          )}
          <span className="bubble-meta">
            <time dateTime={isoTime(at)}>{timeOfDay(at)}</time>
            {message.mine && <MessageTicks message={message} />}
          </span>
        </div>
        {onReply !== undefined && message.seq !== undefined && (
          <MessageMenu message={message} onReply={onReply} />
        )}
      </div>
      {message.state === 'failed' && <Failed message={message} />}
    </div>
  );
});

function Failed({ message }: { message: Message }) {
  const store = useStore();
  return (
    <p className="failed" role="alert">
      {wordsForFailure(message.failure)}
      <Button
        look="text"
        className="failed-again"
        onClick={() => store.tell({ type: 'retry', conversation: message.conversation, message: message.id })}
      >
        Try again
      </Button>
    </p>
  );
}
