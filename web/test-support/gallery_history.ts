// The gallery's screens of pinned and archived chats and of the history.

import type { FakeCore } from './fake_core';
import { conversationOf } from './fake_core';
import { filled, kHiking, userOf } from './gallery_chats';

// Two chats are pinned, two are put away.
function arranged(core: FakeCore): void {
  filled(core);
  core.start();
  for (const conversation of [kHiking, conversationOf(userOf('c3'))])
    core.changes(conversation, { is_pinned: true });
  for (const tail of ['f6', '18']) core.changes(conversationOf(userOf(tail)), { is_put_away: true });
  core.changes(conversationOf(userOf('18')), { muted: true });
}

export const historyScreens: Record<string, (core: FakeCore) => void> = {
  arranged,
  archived: (core) => {
    arranged(core);
    window.location.hash = '#/archived';
  },
  archived_none: (core) => {
    filled(core);
    core.start();
    window.location.hash = '#/archived';
  },
  incoming: (core) => {
    arranged(core);
    core.show({ type: 'history', blocks_done: 13, blocks_total: 32, conversations: [] });
  },
  history: (core) => {
    filled(core);
    core.start();
    window.location.hash = '#/you/history';
  },
};
