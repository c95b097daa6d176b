import { useEffect } from 'react';
import type { Chat, Group, Id, JoinRequest } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import type { State } from '../../store/state';
import type { Store } from '../../store/store';
import { listed, namesFrom } from '../names';
import { wordsForRequest } from '../join/request_words';
import { go } from '../route';
import { notify } from './notify';

// Notifications of who asks to come into a group, for those who may let people in, and of what became of the user's own asking.
export function useRequestAlerts(): void {
  const store = useStore();
  useEffect(() => {
    const asking = new Asking(store);
    return store.subscribe(() => asking.look(store.getState()));
  }, [store]);
}

class Asking {
  private before_: State;
  // Of whom the user was told, or who was there to be seen.
  private readonly told_ = new Map<Id, ReadonlySet<Id>>();

  constructor(private readonly store_: Store) {
    this.before_ = store_.getState();
  }

  look(state: State): void {
    const before = this.before_;
    this.before_ = state;
    if (state.joinRequests !== before.joinRequests) tellRefusals(before.joinRequests, state.joinRequests);
    if (state.chats === before.chats) return;
    for (const chat of state.chats.values()) {
      const { conversation, requests } = chat;
      if (requests === undefined) this.told_.delete(conversation);
      else if (requests !== before.chats.get(conversation)?.requests) void this.ask(chat);
    }
  }

  private async ask(chat: Chat): Promise<void> {
    const { conversation } = chat;
    const group = await this.store_.run({ type: 'group_info', conversation }).then(
      (answer): Group | null => answer.group,
      () => null,
    );
    if (group === null) return;
    const told = this.told_.get(conversation);
    const users = group.requests.map(({ user }) => user);
    this.told_.set(conversation, new Set(users));
    const fresh = users.filter((user) => told?.has(user) !== true);
    if (fresh.length === 0 || chat.muted || chat.notifications === 'none') return;
    const { account, contacts } = this.store_.getState();
    const names = namesFrom(account?.user, contacts);
    const who = listed(fresh.map((user) => names.of(user)));
    notify({
      title: chat.title,
      body: `${who} ${fresh.length === 1 ? 'asks' : 'ask'} to join`,
      tag: `${conversation} requests`,
      onClick: () => go({ at: 'group', conversation, beside: 'info' }),
    });
  }
}

function tellRefusals(before: readonly JoinRequest[], now: readonly JoinRequest[]): void {
  for (const request of now) {
    const { conversation, name, refusal } = request;
    const waited = before.some((one) => one.conversation === conversation && one.refusal === undefined);
    if (refusal === undefined || !waited) continue;
    notify({
      title: name,
      body: wordsForRequest(request),
      tag: `${conversation} requests`,
      onClick: () => go({ at: 'chats' }),
    });
  }
}
