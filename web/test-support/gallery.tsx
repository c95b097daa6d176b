// Every screen on a scripted core, one by name in the address: gallery.html?screen=chat. For looking at, by hand and by screens.mjs.

import '@fontsource-variable/inter/wght.css';
import '../ui/base.css';
import { createRoot } from 'react-dom/client';
import { StoreContext } from '../store/hooks';
import { Store } from '../store/store';
import { App } from '../ui/app';
import { FakeCore, kKey, kMe } from './fake_core';

const kMinute = 60_000;
const kDay = 24 * 60 * kMinute;
const now = Date.now();

const people = [
  ['a1', 'Bo Lindqvist', '+46 70 174 06 05'],
  ['b2', 'Mira Okafor', '+44 7700 900123'],
  ['c3', 'Jun', 'jun@example.org'],
  ['d4', 'Teresa Villalobos de la Fuente', '+34 600 100 200'],
  ['e5', 'Søren', '+45 20 12 34 56'],
  ['f6', 'Amara Nwosu', 'amara@example.org'],
  ['07', 'Émile Zola', '+33 6 12 34 56 78'],
  ['18', 'Kai', '+49 151 23456789'],
] as const;

function userOf(tail: string): string {
  return `018f${tail.repeat(14)}`;
}

function filled(core: FakeCore): void {
  core.ready('Ada Lovelace');
  for (const [tail, name, address] of people) core.knows({ user: userOf(tail), name, address });
  const [bo, mira, jun, teresa, soren, amara, emile, kai] = people.map(([tail]) => userOf(tail)) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  core.receives(kai, 'See you in spring then!', now - 40 * kDay);
  core.readUpTo(kai, 9);
  core.sends(emile, 'J’accuse… the bakery of closing too early', 'read', now - 6 * kDay);
  core.receives(amara, 'The photos are lovely, thank you for sending them all', now - 3 * kDay);
  core.readUpTo(amara, 9);
  core.sends(soren, 'Okay', 'failed', now - 2 * kDay);
  core.receives(teresa, '¿Llegas mañana o pasado? Te esperamos para comer', now - kDay);
  core.receives(teresa, 'Avísame', now - kDay);
  core.sends(jun, 'The keys are under the blue pot', 'delivered', now - 5 * 60 * kMinute);
  talk(core, bo);
  core.receives(mira, 'Are we still on for Thursday?', now - 3 * kMinute);
  core.receives(mira, 'I can bring the projector', now - 2 * kMinute);
  core.receives(mira, 'and snacks', now - 2 * kMinute);
}

function talk(core: FakeCore, bo: string): void {
  let at = now - kDay - 3 * 60 * kMinute;
  const later = (minutes: number) => (at += minutes * kMinute);
  core.receives(bo, 'Morning! Did the boat survive the storm?', at);
  core.sends(bo, 'It did. Lost one fender and some sleep.', 'read', later(4));
  core.sends(
    bo,
    'The mooring lines held, so I owe you a dinner for that splice you taught me.',
    'read',
    later(1),
  );
  core.receives(bo, 'Ha! I’ll take it.', later(9));
  core.receives(
    bo,
    'Here is the forecast I was talking about: https://example.org/forecast?area=skagerrak',
    later(1),
  );
  at = now - 50 * kMinute;
  core.receives(bo, 'Wind drops after six.', at);
  core.receives(
    bo,
    'If we leave around seven we’d have the whole evening, light until half past ten, and the tide with us on the way back. Bring the warm jacket, it gets cold out there once the sun is low.',
    later(1),
  );
  core.sends(bo, 'Seven it is.', 'read', later(6));
  core.sends(bo, 'I’ll bring coffee and the good rope', 'read', later(1));
  core.sends(bo, 'The tides: https://example.org/tides', 'read', later(1));
  core.receives(bo, '👍', later(3));
  core.readUpTo(bo, 99);
  core.sends(bo, 'Shall I pick up Mira on the way?', 'delivered', now - 4 * kMinute);
  core.sends(bo, 'She has the spare life jackets', 'sent', now - 3 * kMinute);
  core.sends(bo, 'Leaving in ten', 'pending', now - kMinute);
}

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
    core.show({
      type: 'contact',
      contact: { user, name: 'Mira Okafor', address: '+44 7700 900123', identity_changed: true },
    });
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
