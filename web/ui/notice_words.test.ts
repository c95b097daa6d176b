import { describe, expect, it } from 'vitest';
import type { GroupChange } from '../../schema/core';
import { namesFrom } from './names';
import { linesForNotice } from './notice_words';

const people: [string, string][] = [
  ['ana', 'Ana'],
  ['ben', 'Ben'],
  ['cleo', 'Cleo'],
  ['dan', 'Dan'],
  ['eve', 'Eve'],
  ['evil', '\u202eevil\u2066'],
  ['huda', 'هدى'],
];
const names = namesFrom('me', new Map(people.map(([user, name]) => [user, { user, name }])));
const now = new Date(2026, 10, 24, 12).getTime();

describe('a line about what is lost', () => {
  const may = (day: number, year = 2026) => new Date(year, 4, day, 12).getTime();
  const words = (count: number, from_ms: number, to_ms: number) =>
    linesForNotice({ kind: 'messages_lost', count, from_ms, to_ms }, now, names)[0];

  it('says how many messages, and from when', () => {
    expect(words(3, may(4), may(4) + 5)).toBe('3 messages from 4 May could not be restored on this device.');
    expect(words(1, may(4), may(4))).toBe('1 message from 4 May could not be restored on this device.');
    expect(words(2, may(4), may(6))).toBe(
      '2 messages from 4 May to 6 May could not be restored on this device.',
    );
    expect(words(2, may(4, 2024), may(4, 2024))).toBe(
      '2 messages from 4 May 2024 could not be restored on this device.',
    );
  });

  it('does not count what nobody knows', () => {
    expect(linesForNotice({ kind: 'messages_lost' }, now, names)).toEqual([
      'Some messages may be missing here.',
    ]);
  });
});

describe('a line about a group', () => {
  const said = (by: string, ...changes: GroupChange[]) =>
    linesForNotice({ kind: 'group', by, changes }, now, names);

  it('says who did it and to whom, and speaks to the user as "you"', () => {
    expect(said('ana', { what: 'created' })).toEqual(['Ana created the group']);
    expect(said('me', { what: 'created' })).toEqual(['You created the group']);
    expect(said('ana', { what: 'added', users: ['ben', 'cleo'] })).toEqual(['Ana added Ben and Cleo']);
    expect(said('ana', { what: 'added', users: ['ben', 'me'] })).toEqual(['Ana added you and Ben']);
    expect(said('ana', { what: 'removed', users: ['me'] })).toEqual(['Ana removed you']);
    expect(said('me', { what: 'removed', users: ['ben'] })).toEqual(['You removed Ben']);
  });

  it('says who came by an invite link, and who makes and revokes them', () => {
    expect(said('ben', { what: 'joined', users: ['ben'] })).toEqual(['Ben joined by an invite link']);
    expect(said('me', { what: 'joined', users: ['me'] })).toEqual(['You joined by an invite link']);
    expect(said('ana', { what: 'invite_made' })).toEqual(['Ana made an invite link']);
    expect(said('me', { what: 'invite_revoked' })).toEqual(['You revoked an invite link']);
  });

  it('names a few people and counts the rest', () => {
    const added = (...users: string[]) => said('ana', { what: 'added', users })[0];
    expect(added('ben', 'cleo', 'dan', 'eve')).toBe('Ana added Ben, Cleo, Dan and Eve');
    expect(added('ben', 'cleo', 'dan', 'eve', 'x')).toBe('Ana added Ben, Cleo, Dan and 2 others');
  });

  it('says who left, and not who took their keys away', () => {
    expect(said('ana', { what: 'left', users: ['ben'] })).toEqual(['Ben left']);
    expect(said('ana', { what: 'left', users: ['me'] })).toEqual(['You left']);
  });

  it('says who has which role now', () => {
    expect(said('ana', { what: 'role', user: 'ben', role: 'admin' })).toEqual(['Ana made Ben an admin']);
    expect(said('ana', { what: 'role', user: 'me', role: 'admin' })).toEqual(['Ana made you an admin']);
    expect(said('me', { what: 'role', user: 'ben', role: 'member' })).toEqual([
      'You removed Ben as an admin',
    ]);
    expect(
      said('ana', { what: 'role', user: 'ben', role: 'owner' }, { what: 'role', user: 'ana', role: 'admin' }),
    ).toEqual(['Ana handed the group over to Ben', 'Ana is an admin now']);
    expect(said('me', { what: 'role', user: 'me', role: 'member' })).toEqual([
      'You are not an admin any more',
    ]);
  });

  it('has a line for each change, in their order', () => {
    expect(
      said(
        'ana',
        { what: 'name', name: 'Hiking' },
        { what: 'description' },
        { what: 'may_send', who: 'admins' },
        { what: 'may_edit', who: 'everyone' },
        { what: 'may_add', who: 'admins' },
      ),
    ).toEqual([
      'Ana named the group “Hiking”',
      'Ana changed the description',
      'Ana let only admins send messages',
      'Ana let everyone edit name and description',
      'Ana let only admins add people',
    ]);
  });

  it('calls whom nobody here knows "Somebody"', () => {
    expect(said('x', { what: 'added', users: ['y'] })).toEqual(['Somebody added Somebody']);
  });

  it('is not turned round by a name in it', () => {
    expect(said('evil', { what: 'added', users: ['huda'] })).toEqual(['evil added \u2068هدى\u2069']);
    expect(said('ana', { what: 'name', name: '\u202eHiking' })).toEqual(['Ana named the group “Hiking”']);
  });

  it('says of a later version’s changes that they are not known here', () => {
    expect(said('ana', { what: 'painted' } as never)[0]).toContain('this version');
    expect(linesForNotice({ kind: 'weather' } as never, now, names)[0]).toContain('this version');
  });
});

it('says whose keys are new without their recovery key', () => {
  expect(linesForNotice({ kind: 'generation_unsigned', user: 'ana' }, now, names)).toEqual([
    'Ana removed a device or made new keys, without the recovery key. Compare safety numbers.',
  ]);
});
