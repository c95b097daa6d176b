import { describe, expect, it } from 'vitest';
import { fragmentOf, go, goInstead, listOf, parseRoute, wayBack } from './route';

describe('a route', () => {
  const user = '018f'.repeat(8);
  const conversation = '018f'.repeat(16);

  it('survives the address bar', () => {
    for (const route of [
      { at: 'chats' },
      { at: 'new' },
      { at: 'you' },
      { at: 'devices' },
      { at: 'history' },
      { at: 'archived' },
      { at: 'chat', user, info: false },
      { at: 'chat', user, info: true },
      { at: 'new_group', step: 'people' },
      { at: 'new_group', step: 'name' },
      { at: 'group', conversation, beside: 'nothing' },
      { at: 'group', conversation, beside: 'info' },
      { at: 'group', conversation, beside: 'add' },
    ] as const) {
      expect(parseRoute(fragmentOf(route))).toEqual(route);
    }
  });

  it('of nonsense is the list', () => {
    for (const fragment of [
      '',
      '#',
      '#/chat',
      '#/chat/xyz',
      '#/group',
      `#/group/${user}`,
      '#/%00',
      '#/admin',
    ]) {
      expect(parseRoute(fragment)).toEqual({ at: 'chats' });
    }
  });
});

describe('the way back', () => {
  it('leads out of every place step by step', () => {
    const conversation = '018f'.repeat(16);
    const places = (fragment: string): string[] => {
      const back = fragmentOf(wayBack(parseRoute(fragment)));
      return back === '#/' ? [back] : [back, ...places(back)];
    };
    expect(places('#/new/group/name')).toEqual(['#/new/group', '#/new', '#/']);
    expect(places('#/you/devices')).toEqual(['#/you', '#/']);
    expect(places('#/you/history')).toEqual(['#/you', '#/']);
    expect(places('#/archived')).toEqual(['#/']);
    expect(places(`#/group/${conversation}/add`)).toEqual([
      `#/group/${conversation}/info`,
      `#/group/${conversation}`,
      '#/',
    ]);
  });

  it('leads from a chat to the list from which it was opened, over all chats in between', () => {
    const chat = (user: string) => ({ at: 'chat', user: user.repeat(32), info: false }) as const;
    window.history.replaceState(null, '', '/');
    go({ at: 'archived' });
    go(chat('a'));
    goInstead(chat('b'));
    go(chat('c'));
    expect(listOf(chat('c'))).toEqual({ at: 'archived' });
    expect(wayBack(chat('c'))).toEqual({ at: 'archived' });
    go({ at: 'chats' });
    go(chat('a'));
    expect(wayBack(chat('a'))).toEqual({ at: 'chats' });
  });
});
