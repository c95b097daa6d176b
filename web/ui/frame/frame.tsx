import { useEffect, useRef, useState } from 'react';
import type { CSSProperties, ReactNode } from 'react';
import type { Account } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { chatsPutAway, listedChats } from '../../store/select';
import { ChatList } from '../chats/chat_list';
import { NewChat } from '../chats/new_chat';
import { Conversation } from '../conversation/conversation';
import { Info } from '../conversation/info';
import { Devices } from '../devices/devices';
import { GroupConversation } from '../groups/group_conversation';
import { GroupPanel } from '../groups/group_panel';
import { NewGroup } from '../groups/new_group';
import { History } from '../history/history';
import { go, goBack, goInstead, isOpen, listOf, paneOf, routeOf, useRoute, wayBack } from '../route';
import type { Route } from '../route';
import { Nobody } from './nobody';
import { Rail } from './rail';
import { ListEdge, useListWidth } from './list_edge';
import { Shortcuts } from './shortcuts';
import { usePaneFocus } from './use_pane_focus';
import { useShortcuts } from './use_shortcuts';
import { You } from './you';
import './frame.css';

const kListNames: Record<Route['at'], string> = {
  chats: 'Chats',
  chat: 'Chats',
  group: 'Chats',
  new: 'New chat',
  new_group: 'New group',
  you: 'You',
  devices: 'Devices',
  history: 'History',
  archived: 'Chats',
};

// Rail, list, conversation and info side by side; below 900 px one of them at a time, which the route decides.
export function Frame({ account, banner }: { account: Account; banner?: ReactNode }) {
  const route = useRoute();
  const [asking, setAsking] = useState(false);
  const [width, setWidth] = useListWidth();
  const archived = listOf(route).at === 'archived';
  const find = useRef<HTMLInputElement>(null);
  useChatKeys(
    route,
    () => find.current,
    () => setAsking(true),
  );
  usePaneFocus(route);
  useActivity();
  useLastingStorage();

  return (
    <div className="frame" data-pane={paneOf(route)} style={{ '--list': `${width}px` } as CSSProperties}>
      <Rail account={account} route={route} onShortcuts={() => setAsking(true)} />
      <section className="frame-list" aria-label={archived ? 'Archived' : kListNames[route.at]}>
        {route.at === 'new' && <NewChat />}
        {route.at === 'new_group' && <NewGroup step={route.step} />}
        {route.at === 'you' && <You account={account} />}
        {route.at === 'devices' && <Devices />}
        {route.at === 'history' && <History />}
        {kListNames[route.at] === 'Chats' && (
          <ChatList
            key={String(archived)}
            account={account}
            route={route}
            archived={archived}
            findRef={find}
            banner={banner}
          />
        )}
        <ListEdge width={width} onWidth={setWidth} />
      </section>
      <main className="frame-chat">
        <OpenChat route={route} />
      </main>
      {route.at === 'chat' && route.info && <Info user={route.user} />}
      {route.at === 'group' && route.beside !== 'nothing' && (
        <GroupPanel
          key={route.conversation}
          conversation={route.conversation}
          adding={route.beside === 'add'}
        />
      )}
      {asking && <Shortcuts onClose={() => setAsking(false)} />}
    </div>
  );
}

function OpenChat({ route }: { route: Route }) {
  switch (route.at) {
    case 'chat':
      return <Conversation key={route.user} user={route.user} info={route.info} />;
    case 'group': {
      const { conversation, beside } = route;
      return <GroupConversation key={conversation} conversation={conversation} info={beside !== 'nothing'} />;
    }
    default:
      return <Nobody />;
  }
}

function useChatKeys(route: Route, findInput: () => HTMLInputElement | null, showShortcuts: () => void) {
  const store = useStore();

  function step(by: 1 | -1) {
    const chats = (listOf(route).at === 'archived' ? chatsPutAway : listedChats)(store.getState());
    const at = chats.findIndex((chat) => isOpen(chat, route));
    const next = chats[at < 0 ? 0 : at + by];
    if (next !== undefined) goInstead(routeOf(next));
  }

  function find() {
    if (kListNames[route.at] !== 'Chats') go({ at: 'chats' });
    // The list may only now be drawn.
    requestAnimationFrame(() => {
      const input = findInput();
      if (input?.offsetParent === null) go({ at: 'chats' });
      requestAnimationFrame(() => findInput()?.select());
    });
  }

  function back() {
    if (route.at !== 'chats') goBack(wayBack(route));
  }

  // Beside the open chat, and away again.
  function info() {
    if (route.at === 'chat') (route.info ? goBack : go)({ ...route, info: !route.info });
    if (route.at !== 'group') return;
    if (route.beside === 'nothing') go({ ...route, beside: 'info' });
    else goBack({ ...route, beside: 'nothing' });
  }

  useShortcuts({
    find,
    newChat: () => go({ at: 'new' }),
    back,
    previous: () => step(-1),
    next: () => step(1),
    info,
    shortcuts: showShortcuts,
  });
}

// Tells the core whether somebody is looking: it paces syncing and receipts.
function useActivity() {
  const store = useStore();
  useEffect(() => {
    const tell = () => store.tell({ type: 'set_active', active: document.visibilityState === 'visible' });
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [store]);
}

// This device's keys and messages are nowhere else: asks the browser not to clear them when space is short.
function useLastingStorage() {
  useEffect(() => {
    if ('storage' in navigator) navigator.storage.persist().catch(() => undefined);
  }, []);
}
