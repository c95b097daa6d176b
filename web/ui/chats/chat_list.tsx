import { useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import type { Account } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { chatsNewestFirst, chatsPutAway, listedChats, peopleByName } from '../../store/select';
import { Avatar } from '../avatar';
import { Button, IconButton } from '../controls';
import { useArriving } from '../devices/arriving';
import { ConnectionLine } from '../frame/connection_line';
import { Notices } from '../frame/notices';
import { PaneHeader } from '../frame/pane_header';
import { HistoryLine } from '../history/history_line';
import { CloseIcon, NewChatIcon, SearchIcon } from '../icons';
import { AskedGroups } from '../join/asked_groups';
import { useNames } from '../names';
import { go, isOpen } from '../route';
import type { Route } from '../route';
import { useClock } from '../use_clock';
import { ArchivedRow } from './archived_row';
import { ChatRow } from './chat_row';
import { ContactRow } from './contact_row';
import { matchChats, matchContacts } from './find';
import { useCalmOrder } from './use_calm_order';
import './chats.css';

interface Props {
  account: Account;
  route: Route;
  // Whether it is the list of the chats that are put away.
  archived: boolean;
  findRef: RefObject<HTMLInputElement | null>;
  // What is to be said above the chats.
  banner?: ReactNode;
}

export function ChatList({ account, route, archived, findRef, banner }: Props) {
  const chats = useSelect(chatsNewestFirst);
  const listed = useSelect(archived ? chatsPutAway : listedChats);
  const contacts = useSelect(peopleByName);
  const people = useSelect((state) => state.contacts);
  const [query, setQuery] = useState('');
  const now = useClock(30_000);
  const names = useNames();
  const calm = useCalmOrder(listed);
  const list = useRef<HTMLDivElement>(null);

  // What is looked for is found in either list.
  const rest = query.trim() === '' ? [] : chats.filter((chat) => !listed.includes(chat));
  const shown = matchChats([...calm.chats, ...rest], people, query);
  const others = query.trim() === '' ? [] : matchContacts(contacts, chats, query);

  function onKey(event: KeyboardEvent) {
    if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      setQuery('');
    } else if (event.key === 'ArrowDown' || (event.key === 'Enter' && event.target === findRef.current)) {
      const first = list.current?.querySelector<HTMLElement>('a');
      event.preventDefault();
      if (event.key === 'ArrowDown' || first == null) {
        first?.focus();
        return;
      }
      first.click();
      setQuery('');
    }
  }

  return (
    <div className="pane">
      {archived ? <PaneHeader title="Archived" /> : <Header account={account} />}
      <div className="find" role="search" onKeyDown={onKey}>
        <SearchIcon size={20} />
        <input
          ref={findRef}
          className="find-input"
          type="text"
          aria-label="Find a chat"
          placeholder="Find"
          autoComplete="off"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        {query !== '' && (
          <IconButton label="Clear" className="find-clear" onClick={() => setQuery('')}>
            <CloseIcon size={16} />
          </IconButton>
        )}
      </div>
      <ConnectionLine otherwise={<HistoryLine />} />
      <Notices />
      {banner}
      <div ref={list} className="pane-body" {...calm.handlers}>
        {query === '' && !archived && <AskedGroups />}
        {query === '' && !archived && <ArchivedRow />}
        <ul>
          {shown.map((chat) => (
            <ChatRow
              key={chat.conversation}
              chat={chat}
              current={isOpen(chat, route)}
              now={now}
              names={names}
              found={!archived}
            />
          ))}
          {others.map((contact) => (
            <ContactRow key={contact.user} contact={contact} />
          ))}
        </ul>
        {!archived && chats.length === 0 && query === '' && <NoChats />}
        {archived && listed.length === 0 && query === '' && <NothingAway />}
        {query !== '' && shown.length === 0 && others.length === 0 && <NoMatch query={query} />}
      </div>
    </div>
  );
}

function Header({ account }: { account: Account }) {
  return (
    <header className="pane-header">
      <h1 className="chat-list-title" tabIndex={-1}>
        Chats
      </h1>
      <IconButton label="New chat" keys="N" className="only-narrow" onClick={() => go({ at: 'new' })}>
        <NewChatIcon />
      </IconButton>
      <button
        type="button"
        className="rail-you only-narrow"
        aria-label="You"
        onClick={() => go({ at: 'you' })}
      >
        <Avatar id={account.user ?? ''} name={account.name ?? ''} size="small" />
      </button>
    </header>
  );
}

function NothingAway() {
  return (
    <div className="list-empty">
      <p>Nothing is archived. A chat that you archive waits here until somebody writes in it.</p>
    </div>
  );
}

function NoChats() {
  const arriving = useArriving();
  return (
    <div className="list-empty only-narrow" role={arriving ? 'status' : undefined}>
      <h2>{arriving?.title ?? 'No chats yet'}</h2>
      <p>{arriving?.text ?? 'Find somebody by their number or e-mail, and say hello.'}</p>
      <Button onClick={() => go({ at: 'new' })}>New chat</Button>
    </div>
  );
}

function NoMatch({ query }: { query: string }) {
  return (
    <div className="list-empty">
      <p>Nothing here for “{query.trim()}”.</p>
      <Button look="text" onClick={() => go({ at: 'new' })}>
        Find somebody new
      </Button>
    </div>
  );
}
