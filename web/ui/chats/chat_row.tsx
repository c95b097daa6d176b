import { memo } from 'react';
import type { Chat, Message } from '../../../schema/core';
import { Avatar } from '../avatar';
import { MutedIcon } from '../icons';
import { Named } from '../named';
import { RouteLink } from '../route_link';
import { Ticks, tickWords } from '../ticks';
import { isoTime, shortWhen } from '../when';
import type { Names } from '../names';
import { textOf } from '../message_words';
import { linesForNotice } from '../notice_words';
import { routeOf } from '../route';
import { Asking } from './asking';

interface Props {
  chat: Chat;
  current: boolean;
  now: number;
  names: Names;
}

export const ChatRow = memo(function ChatRow({ chat, current, now, names }: Props) {
  const last = chat.last_message;
  return (
    <li>
      <RouteLink
        className="chat-row"
        to={routeOf(chat)}
        aria-current={current ? 'page' : undefined}
        data-unread={chat.unread > 0}
      >
        <Avatar id={chat.user ?? chat.conversation} name={chat.title} kind={chat.kind} />
        <span className="chat-row-text">
          <span className="chat-row-line">
            <Named className="chat-row-name" name={chat.title} user={chat.user} names={names} />
            {(last !== undefined || chat.last_ms > 0) && (
              <time className="chat-row-time meta" dateTime={isoTime(chat.last_ms)}>
                {shortWhen(chat.last_ms, now)}
              </time>
            )}
          </span>
          <span className="chat-row-line">
            {last === undefined ? (
              <span className="chat-row-last">{emptyWords(chat)}</span>
            ) : (
              <Last last={last} group={chat.kind === 'group'} now={now} names={names} />
            )}
            {chat.muted && (
              <span className="chat-row-muted">
                <MutedIcon size={16} />
                <span className="spoken">muted</span>
              </span>
            )}
            {chat.unread_mentions > 0 && (
              <span className="unread">
                <span aria-hidden="true">@</span>
                <span className="spoken">mentions you</span>
              </span>
            )}
            {chat.unread > 0 && (
              <span className="unread" data-muted={chat.muted}>
                {chat.unread > 999 ? '999+' : chat.unread}
                <span className="spoken"> unread</span>
              </span>
            )}
            {chat.requests !== undefined && chat.requests > 0 && <Asking count={chat.requests} />}
          </span>
        </span>
      </RouteLink>
    </li>
  );
});

// Whoever is in a group from its beginning sees that it was created.
function emptyWords({ kind, membership, role }: Chat): string {
  if (kind === 'group' && membership === 'joining') return 'Setting up…';
  return kind === 'group' && membership === 'member' && role !== 'owner'
    ? 'You were added'
    : 'No messages yet';
}

interface LastProps {
  last: Message;
  group: boolean;
  now: number;
  names: Names;
}

// Own ones are heard with what the ticks show: "You: See you at seven, delivered". In a group everybody's begin with a name.
function Last({ last, group, now, names }: LastProps) {
  if (last.notice !== undefined) {
    return <span className="chat-row-last">{linesForNotice(last.notice, now, names).at(-1)}</span>;
  }
  const text = textOf(last);
  if (!last.mine) {
    return (
      <span className="chat-row-last">
        {group && `${names.firstOf(last.sender)}: `}
        <bdi>{text}</bdi>
      </span>
    );
  }
  return (
    <>
      <Ticks state={last.state} spoken={false} />
      <span className="chat-row-last" aria-hidden="true">
        {group && 'You: '}
        <bdi>{text}</bdi>
      </span>
      <span className="spoken">
        You: {text}, {tickWords(last.state)}
      </span>
    </>
  );
}
