import { memo, useState } from 'react';
import type { Id, Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { kUnsupported } from '../message_words';
import { inSentence } from '../person';
import { TabStopContext, useTabIndex } from '../tab_stop';
import { isoTime, timeOfDay } from '../when';
import { wordsForFailure } from '../words';
import type { Names } from '../names';
import { MessageInfoDialog } from './message_info';
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
  // Whether it is the one that the Tab key reaches.
  current: boolean;
  // Whether the message that it answers is loaded; it is gone to with `onQuote`, loaded or not.
  loadedReply: boolean;
  onQuote: (message: Id) => void;
  onCopy: (text: string) => void;
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
  current,
  loadedReply,
  onQuote,
  onCopy,
  onReply,
}: Props) {
  const at = shownTime(message);
  const { reply } = message;
  const [asking, setAsking] = useState(false);
  const onInfo = () => setAsking(true);
  return (
    <div
      className="message"
      role="article"
      aria-label={message.mine ? 'You' : name}
      tabIndex={current ? 0 : -1}
      data-row={message.id}
      data-mine={message.mine}
      data-first={first}
      data-last={last}
      data-seq={message.seq}
    >
      <TabStopContext value={current}>
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
                onGo={loadedReply || reply.known ? () => onQuote(reply.message) : undefined}
              />
            )}
            {message.text === undefined ? (
              <em className="bubble-unsupported">{kUnsupported}.</em>
            ) : (
              <span className="bubble-text">
                <MessageText text={message.text} mentions={message.mentions} names={names} />
              </span>
            )}
            <span className="bubble-meta">
              <time dateTime={isoTime(at)}>{timeOfDay(at)}</time>
              {message.mine && <MessageTicks message={message} onInfo={onInfo} />}
            </span>
          </div>
          <MessageMenu message={message} onReply={onReply} onCopy={onCopy} onInfo={onInfo} />
        </div>
        {message.state === 'failed' && <Failed message={message} />}
      </TabStopContext>
      {asking && <MessageInfoDialog message={message} onClose={() => setAsking(false)} />}
    </div>
  );
});

function Failed({ message }: { message: Message }) {
  const store = useStore();
  const tabIndex = useTabIndex();
  return (
    <p className="failed" role="alert">
      {wordsForFailure(message.failure)}
      <Button
        look="text"
        className="failed-again"
        tabIndex={tabIndex}
        onClick={() => store.tell({ type: 'retry', conversation: message.conversation, message: message.id })}
      >
        Try again
      </Button>
    </p>
  );
}
