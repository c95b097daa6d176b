import { describe, expect, it } from 'vitest';
import type { Member } from '../../../schema/core';
import { matchMembers, mentionsIn, partsOf, queryAt } from './mentions';

const member = (user: string, name: string): Member => ({ user, name, role: 'member' });
const kMembers = [
  member('me', 'Ada'),
  member('bo', 'Bo'),
  member('bol', 'Bo Lindqvist'),
  member('zoe', 'Zoë'),
  member('jun1', 'Jun'),
  member('jun2', 'jun'),
];

describe('naming somebody', () => {
  it('begins with an "@" that no word runs into, and goes on to the caret', () => {
    expect(queryAt('hi @bo', 6)).toEqual({ start: 3, text: 'bo' });
    expect(queryAt('hi @bo and', 5)).toEqual({ start: 3, text: 'b' });
    expect(queryAt('@Bo Lin', 7)).toEqual({ start: 0, text: 'Bo Lin' });
    for (const text of ['hi', 'mail@bo', '@bo\nx', '@ bo', `@${'x'.repeat(50)}`])
      expect(queryAt(text, text.length)).toBeNull();
  });

  it('offers the others whose name or a later word of it begins so', () => {
    const offered = (query: string) => matchMembers(kMembers, 'me', query).map(({ user }) => user);
    expect(offered('')).toEqual(['bo', 'bol', 'zoe', 'jun1', 'jun2']);
    expect(offered('LIND')).toEqual(['bol']);
    expect(offered('zoe')).toEqual(['zoe']);
    expect(offered('ada')).toEqual([]);
  });

  it('is sent with every name that is whole and means one', () => {
    const sent = (text: string, ...picked: string[]) =>
      mentionsIn(text, kMembers, 'me', picked).map(({ user, start, length }) => [user, start, length]);
    expect(sent('🙂 @bo, @Bo Lindqvist and @Zoë')).toEqual([
      ['bo', 3, 3],
      ['bol', 8, 13],
      ['zoe', 26, 4],
    ]);
    expect(sent('@Ada @Bob @Jun mail@bo @')).toEqual([]);
    expect(sent('@Jun and @Jun', 'jun2', 'jun1')).toEqual([
      ['jun2', 0, 4],
      ['jun1', 9, 4],
    ]);
    expect(sent('@Jun and @Jun', 'jun2')).toEqual([['jun2', 0, 4]]);
    expect(sent('@bo '.repeat(70))).toHaveLength(64);
  });

  it('is shown apart from what is around it', () => {
    const mention = { user: 'bo', start: 3, length: 3 };
    expect(partsOf('hi @bo!', [mention])).toEqual([
      { text: 'hi ' },
      { text: '@bo', user: 'bo' },
      { text: '!' },
    ]);
    expect(partsOf('hi', [mention])).toEqual([{ text: 'hi' }]);
  });
});
