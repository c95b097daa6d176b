import { useState } from 'react';
import type { Ref } from 'react';
import type { Chat } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { MuteDialog } from '../alerts/mute_dialog';
import { Menu } from '../menu';
import type { MenuHandle, MenuItem } from '../menu';
import { inSentence } from '../person';

interface Props {
  chat: Chat;
  handle: Ref<MenuHandle>;
  // The chat goes to the other list.
  onMoved: () => void;
}

// What can be done with a chat in the list.
export function ChatMenu({ chat, handle, onMoved }: Props) {
  const store = useStore();
  const [muting, setMuting] = useState(false);
  const { conversation, is_pinned, is_put_away, muted } = chat;

  const pin: MenuItem = {
    label: is_pinned ? 'Unpin' : 'Pin',
    onPick: () => store.tell({ type: 'pin_chat', conversation, is_pinned: !is_pinned }),
  };
  const putAway: MenuItem = {
    label: is_put_away ? 'Unarchive' : 'Archive',
    onPick: () => {
      onMoved();
      store.tell({ type: 'put_away', conversation, is_put_away: !is_put_away });
    },
  };
  const mute: MenuItem = {
    label: muted ? 'Unmute' : 'Mute…',
    onPick: () => {
      if (muted) store.tell({ type: 'mute', conversation, until_ms: 0 });
      else setMuting(true);
    },
  };
  const items = is_put_away ? [putAway, mute] : [pin, putAway, mute];
  return (
    <span className="chat-menu">
      <Menu label={`Options for ${inSentence(chat.title)}`} items={items} handle={handle} />
      {muting && <MuteDialog chat={chat} onClose={() => setMuting(false)} />}
    </span>
  );
}
