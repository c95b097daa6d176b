import type { Account } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { totalUnread } from '../../store/select';
import { Avatar } from '../avatar';
import { IconButton } from '../controls';
import { ChatsIcon, KeyboardIcon, NewChatIcon } from '../icons';
import { Mark } from '../mark';
import { chatAt, go } from '../route';
import type { Route } from '../route';

const kOwn: readonly Route['at'][] = ['you', 'devices', 'history'];

interface Props {
  account: Account;
  route: Route;
  onShortcuts: () => void;
}

export function Rail({ account, route, onShortcuts }: Props) {
  const unread = useSelect(totalUnread);
  const current = (here: boolean) => (here ? 'page' : undefined);
  return (
    <nav className="rail" aria-label="Kith">
      <Mark size={32} />
      <div className="rail-group">
        <IconButton
          label={unread > 0 ? `Chats, ${unread} unread` : 'Chats'}
          aria-current={current(route.at === 'chats' || route.at === 'archived' || chatAt(route) !== null)}
          onClick={() => chatAt(route) === null && go({ at: 'chats' })}
        >
          <ChatsIcon />
          {unread > 0 && <span className="rail-dot" />}
        </IconButton>
        <IconButton
          label="New chat"
          keys="N"
          aria-current={current(route.at === 'new' || route.at === 'new_group')}
          onClick={() => go({ at: 'new' })}
        >
          <NewChatIcon />
        </IconButton>
      </div>
      <div className="rail-group rail-end">
        <IconButton label="Keyboard shortcuts" keys="?" onClick={onShortcuts}>
          <KeyboardIcon />
        </IconButton>
        <button
          type="button"
          className="rail-you"
          aria-label="You"
          title="You"
          aria-current={current(kOwn.includes(route.at))}
          onClick={() => go({ at: 'you' })}
        >
          <Avatar id={account.user ?? ''} name={account.name ?? ''} size="small" />
        </button>
      </div>
    </nav>
  );
}
