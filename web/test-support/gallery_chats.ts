// Who and what the gallery's scripted core knows: people, what they said, and groups.

import type { FakeCore } from './fake_core';

export const kMinute = 60_000;
export const kDay = 24 * 60 * kMinute;
export const now = Date.now();

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

export function userOf(tail: string): string {
  return `018f${tail.repeat(14)}`;
}

export function filled(core: FakeCore): void {
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
  hiking(core);
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

// The group that is talked in.
export const kHiking = (1).toString(16).padStart(64, '0');

function hiking(core: FakeCore): void {
  const [bo, mira, jun, teresa, soren, amara] = people.map(([tail]) => userOf(tail)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  let at = now - kDay - 2 * 60 * kMinute;
  const later = (minutes: number) => (at += minutes * kMinute);
  const conversation = core.groups.found({
    name: 'Hiking in the Dolomites',
    description: 'Five days, four huts, one rope.\nThe plan: https://example.org/plan',
    members: [bo, mira, jun, teresa],
    at,
  });
  core.mutes(bo, now + 5 * 60 * kMinute);
  core.receivesIn(conversation, teresa, '¡Hola a todos!', later(2));
  core.receivesIn(
    conversation,
    teresa,
    'I have the map of the second day, with all the springs on it.',
    later(1),
  );
  core.receivesIn(conversation, mira, 'Wonderful. Who books the huts?', later(5));
  core.sendsIn(conversation, 'I do. Bo, can you ask about the bus?', 'read', later(1));
  core.groups.change(conversation, teresa, [{ what: 'added', users: [soren, amara] }], later(4));
  core.groups.change(
    conversation,
    core.account.user ?? '',
    [
      { what: 'role', user: mira, role: 'admin' },
      { what: 'may_edit', who: 'admins' },
    ],
    later(1),
  );
  core.receivesIn(conversation, soren, 'Hej! Thank you for having me.', later(3));
  at = now - 4 * 60 * kMinute;
  core.receivesIn(conversation, bo, 'The bus goes at 7:40 from the church.', at);
  core.receivesIn(conversation, bo, '👍', later(1));
  const breakfast = core.receivesIn(conversation, jun, 'I’ll bring breakfast for everybody', later(6));
  const heroes = core.sendsIn(conversation, 'You are all heroes', 'delivered', later(1));
  core.receiptsOf.set(heroes.order, { read: [mira, teresa], delivered: [bo, jun], waiting: [soren] });
  const me = core.account.user ?? '';
  const own = core.account.name ?? '';
  core.receivesIn(conversation, bo, `@${own} and @Teresa, you bring the honey?`, later(1), {
    reply: { message: breakfast.id, sender: jun, text: breakfast.text ?? '', known: true },
    mentions: [
      { user: me, start: 0, length: own.length + 1 },
      { user: teresa, start: own.length + 6, length: 7 },
    ],
    mentions_me: true,
  });
  core.receivesIn(conversation, mira, 'As she always says.', later(1), {
    reply: {
      message: 'f'.repeat(32),
      sender: teresa,
      text: 'Without honey it is no breakfast, and without breakfast there is no mountain that would be high enough to be worth getting up for in the dark.',
      known: false,
    },
  });
  core.groups.change(conversation, mira, [{ what: 'left', users: [amara] }], later(20));
  core.receivesIn(conversation, mira, 'Amara has to work, sadly.', later(2));
  core.readUpToIn(conversation, 999);
}
