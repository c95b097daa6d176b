import { memo } from 'react';
import type { Chat } from '../../../schema/core';
import { Avatar } from '../avatar';
import { fragmentOf } from '../route';
import { Ticks } from '../ticks';
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
      <a
        className="chat-row"
        href={fragmentOf({ at: 'chat', user: chat.user, info: false })}
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
            {last?.mine === true && <Ticks state={last.state} />}
            <span className="chat-row-last">{last === undefined ? 'No messages yet' : lastText(last)}</span>
            {chat.unread > 0 && (
              <span className="unread">
                {chat.unread > 999 ? '999+' : chat.unread}
                <span className="spoken"> unread</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
});

function lastText(last: NonNullable<Chat['last_message']>): string {
  return last.text ?? 'A message that this version can’t show';
}
