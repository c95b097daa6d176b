// Every screen on a scripted core, one by name in the address: gallery.html?screen=chat. For looking at, by hand and by screens.mjs.

import '@fontsource-variable/inter/wght.css';
import '../ui/base.css';
import { createRoot } from 'react-dom/client';
import { StoreContext } from '../store/hooks';
import { Store } from '../store/store';
import { App } from '../ui/app';
import { FakeCore, kKey, kMe } from './fake_core';
import { filled, kDay, kMinute, now, userOf } from './gallery_chats';
import { deviceScreens } from './gallery_devices';
import { groupScreens } from './gallery_groups';
import { historyScreens } from './gallery_history';

const screens: Record<string, (core: FakeCore) => void> = {
  number: (core) => core.start(),
  code: (core) => {
    core.account = { stage: 'code', address: '+44 7700 900001', resend_at: now + 24_000 };
    core.start();
  },
  name: (core) => {
    core.account = { stage: 'name', user: kMe };
    core.start();
  },
  account: (core) => {
    core.account = { stage: 'account', address: '+44 7700 900001' };
    core.start();
  },
  key: (core) => {
    core.account = { stage: 'recovery_key', user: kMe, name: 'Ada', recovery_key: kKey };
    core.start();
  },
  first: (core) => {
    core.account = { stage: 'recovery_key', user: kMe, name: 'Ada', recovery_key: kKey };
    core.start();
    window.setTimeout(() => {
      core.ready('Ada');
      core.start();
    }, 50);
  },
  empty: (core) => core.ready().start(),
  chats: (core) => {
    filled(core);
    core.start();
  },
  chat: (core) => {
    filled(core);
    core.start();
    window.location.hash = `#/chat/${userOf('a1')}`;
  },
  info: (core) => {
    filled(core);
    core.start();
    window.location.hash = `#/chat/${userOf('a1')}/info`;
  },
  verified: (core) => {
    filled(core);
    core.start();
    core.know(userOf('a1'), { verified: true });
    window.location.hash = `#/chat/${userOf('a1')}/info`;
  },
  unread: (core) => {
    filled(core);
    core.start();
    window.location.hash = `#/chat/${userOf('d4')}`;
  },
  failed: (core) => {
    filled(core);
    core.start();
    window.location.hash = `#/chat/${userOf('e5')}`;
  },
  lost: (core) => {
    filled(core);
    const user = userOf('29');
    core.knows({ user, name: 'Noor', address: '+31 6 12345678' });
    const at = now - 20 * kDay;
    core.sends(user, 'I’m not here until the end of the month', 'read', at);
    core.loses(
      user,
      { kind: 'messages_lost', count: 3, from_ms: at + kDay, to_ms: at + 2 * kDay },
      at + kDay,
    );
    core.receives(user, 'We have moved it to Thursday', now - 2 * kDay);
    core.loses(user, { kind: 'messages_lost' }, now - kDay);
    core.receives(user, 'Same place', now - kMinute);
    core.readUpTo(user, 99);
    core.start();
    window.location.hash = `#/chat/${user}`;
  },
  fresh: (core) => {
    filled(core);
    const user = userOf('29');
    core.knows({ user, name: 'Noor', address: '+31 6 12345678' });
    core.start();
    core.show({ type: 'contact', contact: { user, name: 'Noor', address: '+31 6 12345678' } });
    window.location.hash = `#/chat/${user}`;
  },
  changed: (core) => {
    filled(core);
    core.start();
    const user = userOf('b2');
    core.loses(user, { kind: 'identity_changed', user });
    core.know(user, { identity_changed: true });
    window.location.hash = `#/chat/${user}`;
  },
  long: (core) => {
    filled(core);
    const user = userOf('c3');
    for (let index = 1; index <= 2000; index++) {
      const at = now - (2000 - index) * kMinute;
      if (index % 3 === 0) core.sends(user, `Message ${index}`, 'read', at);
      else core.receives(user, `Message ${index} ${'word '.repeat(index % 40)}`, at);
    }
    core.readUpTo(user, 5000);
    core.start();
    window.location.hash = `#/chat/${user}`;
  },
  new: (core) => {
    filled(core);
    core.start();
    window.location.hash = '#/new';
  },
  you: (core) => {
    filled(core);
    core.start();
    window.location.hash = '#/you';
  },
  offline: (core) => {
    filled(core);
    core.start('offline');
    window.location.hash = `#/chat/${userOf('a1')}`;
  },
  ...groupScreens,
  ...deviceScreens,
  ...historyScreens,
  elsewhere: (core) => core.say({ kind: 'held_elsewhere' }),
};

const wanted = new URLSearchParams(window.location.search).get('screen') ?? 'chat';
const core = new FakeCore();
const store = new Store(core);
window.location.hash = '';
screens[wanted]?.(core);
Object.assign(window, { core });

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StoreContext value={store}>
      <App />
    </StoreContext>,
  );
}
