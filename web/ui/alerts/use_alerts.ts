import { useEffect } from 'react';
import type { Message } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import type { State } from '../../store/state';
import { textOf } from '../message_words';
import { namesFrom } from '../names';
import { go, routeOf } from '../route';
import { notify } from './notify';

// Notifications of the messages that the core wants its reader told of: one a chat, of the newest.
export function useAlerts(): void {
  const store = useStore();
  useEffect(() => store.onAlert((message) => tell(store.getState(), message)), [store]);
}

function tell(state: State, message: Message): void {
  const chat = state.chats.get(message.conversation);
  if (chat === undefined) return;
  const text = textOf(message);
  const sender = namesFrom(state.account?.user, state.contacts).of(message.sender);
  notify({
    title: chat.title,
    body: chat.kind === 'group' ? `${sender}: ${text}` : text,
    tag: chat.conversation,
    onClick: () => go(routeOf(chat)),
  });
}
