import { memo, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Chat, Message } from '../../../schema/core';
import { Avatar } from '../avatar';
import { ArchiveIcon, MutedIcon, PinnedIcon } from '../icons';
import type { MenuHandle } from '../menu';
import { Named } from '../named';
import { RouteLink } from '../route_link';
import { Ticks, tickWords } from '../ticks';
import { isoTime, shortWhen } from '../when';
import type { Names } from '../names';
import { textOf } from '../message_words';
import { linesForNotice } from '../notice_words';
import { routeOf } from '../route';
import { useContextMenu } from '../use_context_menu';
import { Asking } from './asking';
import { ChatMenu } from './chat_menu';

interface Props {
  chat: Chat;
  current: boolean;
  now: number;
  names: Names;
  // Whether it stands among chats that are not put away, and is to be told from them.
  found?: boolean;
}

export const ChatRow = memo(function ChatRow({ chat, current, now, names, found = false }: Props) {
  const last = chat.last_message;
  const row = useRef<HTMLLIElement>(null);
  const menu = useRef<MenuHandle>(null);
  const asked = useContextMenu((left, top) => menu.current?.openAt(left, top));

  // The row goes: the one behind it, or before it, has the focus.
  function passFocus() {
    const next = row.current?.nextElementSibling ?? row.current?.previousElementSibling;
    (next?.querySelector('a') ?? document.querySelector<HTMLElement>('.frame-list h1'))?.focus();
  }

  return (
    <li ref={row} className="chat-item">
      <RouteLink
        className="chat-row"
        to={routeOf(chat)}
        aria-current={current ? 'page' : undefined}
        data-unread={chat.unread > 0}
        {...asked}
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
            {found && chat.is_put_away && <State icon={<ArchiveIcon size={16} />} word="archived" />}
            {!chat.is_put_away && chat.is_pinned && <State icon={<PinnedIcon size={16} />} word="pinned" />}
            {chat.muted && <State icon={<MutedIcon size={16} />} word="muted" />}
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
      <ChatMenu chat={chat} handle={menu} onMoved={passFocus} />
    </li>
  );
});

function State({ icon, word }: { icon: ReactNode; word: string }) {
  return (
    <span className="chat-row-state">
      {icon}
      <span className="spoken">{word}</span>
    </span>
  );
}

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
