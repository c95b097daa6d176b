import { memo } from 'react';
import type { Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Text } from '../text';
import { Ticks } from '../ticks';
import { isoTime, timeOfDay } from '../when';
import { wordsForFailure } from '../words';
import { shownTime } from './rows';

interface Props {
  message: Message;
  first: boolean;
  last: boolean;
  name: string;
  // Of the name over a group of bubbles, where it has to be said whose they are.
  hue: number | null;
}

export const MessageRow = memo(function MessageRow({ message, first, last, name, hue }: Props) {
  const at = shownTime(message);
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
      <div className="bubble">
        {hue !== null && first && !message.mine && (
          <span className={`bubble-name name-${hue}`} aria-hidden="true">
            {name}
          </span>
        )}
        {message.text === undefined ? (
          <em className="bubble-unsupported">A message that this version of Kith can’t show.</em>
        ) : (
          <span className="bubble-text">
            <Text text={message.text} />
          </span>
        )}
        <span className="bubble-meta">
          <time dateTime={isoTime(at)}>{timeOfDay(at)}</time>
          {message.mine && <Ticks state={message.state} />}
        </span>
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
