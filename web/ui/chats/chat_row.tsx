import { memo } from 'react';
import type { Chat, Message } from '../../../schema/core';
import { Avatar } from '../avatar';
import { RouteLink } from '../route_link';
import { Ticks, tickWords } from '../ticks';
import { isoTime, shortWhen } from '../when';

interface Props {
  chat: Chat;
  current: boolean;
  now: number;
}

export const ChatRow = memo(function ChatRow({ chat, current, now }: Props) {
  const last = chat.last_message;
  return (
    <li>
      <RouteLink
        className="chat-row"
        to={{ at: 'chat', user: chat.user, info: false }}
        aria-current={current ? 'page' : undefined}
        data-unread={chat.unread > 0}
      >
        <Avatar id={chat.user} name={chat.title} />
        <span className="chat-row-text">
          <span className="chat-row-line">
            <span className="chat-row-name">{chat.title}</span>
            {last && (
              <time className="chat-row-time meta" dateTime={isoTime(chat.last_ms)}>
                {shortWhen(chat.last_ms, now)}
              </time>
            )}
          </span>
          <span className="chat-row-line">
            {last === undefined ? (
              <span className="chat-row-last">No messages yet</span>
            ) : (
              <Last last={last} />
            )}
            {chat.unread > 0 && (
              <span className="unread">
                {chat.unread > 999 ? '999+' : chat.unread}
                <span className="spoken"> unread</span>
              </span>
            )}
          </span>
        </span>
      </RouteLink>
    </li>
  );
});

// Own ones are heard with what the ticks show: "You: See you at seven, delivered".
function Last({ last }: { last: Message }) {
  const text = last.text ?? 'A message that this version can’t show';
  if (!last.mine) return <span className="chat-row-last">{text}</span>;
  return (
    <>
      <Ticks state={last.state} spoken={false} />
      <span className="chat-row-last" aria-hidden="true">
        {text}
      </span>
      <span className="spoken">
        You: {text}, {tickWords(last.state)}
      </span>
    </>
  );
}
