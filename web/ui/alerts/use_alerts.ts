import { useEffect } from 'react';
import type { Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import type { State } from '../../store/state';
import { namesFrom } from '../names';
import { go, routeOf } from '../route';

// Notifications of the browser for what the core wants its reader told of, while the tab is hidden. Whoever looks at Kith sees it.
export function useAlerts(): void {
  const store = useStore();
  useEffect(() => store.onAlert((message) => notify(store.getState(), message)), [store]);
}

function notify(state: State, message: Message): void {
  const chat = state.chats.get(message.conversation);
  if (chat === undefined || document.visibilityState !== 'hidden') return;
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const text = message.text ?? 'A message that this version can’t show';
  const sender = namesFrom(state.account?.user, state.contacts).of(message.sender);
  const body = chat.kind === 'group' ? `${sender}: ${text}` : text;
  try {
    // One a chat: the newest takes the place of the one before.
    const shown = new Notification(chat.title, { body, tag: chat.conversation });
    shown.onclick = () => {
      window.focus();
      go(routeOf(chat));
      shown.close();
    };
  } catch {
    // Some browsers have them in service workers only.
  }
}
