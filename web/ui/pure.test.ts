import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Contact } from '../../schema/core';
import { CommandFailed } from '../store/commands';
import { emptyChat } from '../test-support/fake_log';
import { addressHint, browserRegion, readAddress } from './address';
import { matchChats } from './chats/find';
import { inOrder } from './chats/use_calm_order';
import { deviceName } from './device_name';
import { keyFile, twoGroups } from './first_run/recovery_key';
import { shortcutOf } from './frame/use_shortcuts';
import { splitLinks } from './links';
import { namesFrom } from './names';
import { firstNameOf, hueOf, initialsOf, inSentence, namesakesAmong } from './person';
import { dayName, shortWhen } from './when';
import { waitWords, wordsFor } from './words';

describe('an address', () => {
  it('is a number or an e-mail', () => {
    expect(readAddress(' +44 7700 900123 ', undefined)).toEqual({ phone: '+44 7700 900123' });
    expect(readAddress('07700 900123', 'GB')).toEqual({ phone: '07700 900123', region: 'GB' });
    expect(readAddress('ada@example.org', 'GB')).toEqual({ email: 'ada@example.org' });
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      'Ada',
      '07700 900123',
      '12',
      '+1 555 CALL',
      'a@b',
      '@',
      '1'.repeat(18),
      `${'a'.repeat(300_000)}@b.org`,
    ]) {
      expect(readAddress(text, undefined)).toBeNull();
    }
  });

  it('takes its region from the first language that has one', () => {
    expect(browserRegion(['en', 'sv-SE', 'en-GB'])).toBe('SE');
    expect(browserRegion(['en', 'not a tag!'])).toBeUndefined();
  });

  it('names its country in English, whatever the browser’s language', () => {
    const Original = Intl.DisplayNames;
    const names = vi.spyOn(Intl, 'DisplayNames').mockImplementation(function (locales, options) {
      return new Original(locales ?? 'de', options);
    });
    expect(addressHint('DE')).toContain('taken to be from Germany');
    names.mockRestore();
  });
});

describe('a person', () => {
  it('has initials', () => {
    expect(initialsOf('Ada Lovelace')).toBe('AL');
    expect(initialsOf('émile de la Zola')).toBe('ÉZ');
    expect(initialsOf('(Bo)')).toBe('B');
    expect(initialsOf(' 👍 ')).toBe('?');
  });

  it('has a first name that stays short, whatever it is', () => {
    expect(firstNameOf('Ada Lovelace')).toBe('Ada');
    expect(firstNameOf('x'.repeat(100))).toBe(`${'x'.repeat(20)}…`);
    const family = '👩‍👩‍👧‍👦';
    expect(firstNameOf(family.repeat(21))).toBe(`${family.repeat(20)}…`);
  });

  it('turns no words around their name, in whatever direction it is written', () => {
    expect(inSentence('Ada')).toBe('Ada');
    expect(inSentence('\u202eadA\u2067')).toBe('adA');
    expect(inSentence('محمد')).toBe('\u2068محمد\u2069');
    expect(inSentence('\u2069\u202eדן')).toBe('\u2068דן\u2069');
  });

  it('has one of eight hues, by the random end of the id', () => {
    expect(hueOf('018f00000000700080000000000000ff')).toBe(7);
    expect(hueOf('')).toBe(0);
  });
});

describe('people of one name', () => {
  const ids = ['aaaa', 'bbbb', 'cccc', 'dddd'].map((end) => end.padStart(32, '0')) as [
    string,
    string,
    string,
    string,
  ];
  const told = (...people: Contact[]) => [...namesakesAmong(people)];

  it('are told apart by how they were found, or by a piece of their ids', () => {
    const [ana, other, ben] = ids;
    expect(
      told(
        { user: ana, name: 'Ana', address: '+351 912 345 678' },
        { user: other, name: 'Ana' },
        { user: ben, name: 'Ben', address: 'ben@example.org' },
      ),
    ).toEqual([
      [ana, '+351 912 345 678'],
      [other, '#bbbb'],
    ]);
  });

  it('are told apart in sentences as well', () => {
    const [sam, other, ada] = ids;
    const people: Contact[] = [
      { user: sam, name: 'Sam', address: '+44 1' },
      { user: other, name: 'Sam' },
      { user: ada, name: 'Ada' },
    ];
    const names = namesFrom('me', new Map(people.map((person) => [person.user, person])), 'Sam');
    expect([sam, other, ada, 'me'].map((user) => names.told(user))).toEqual([
      'Sam (+44 1)',
      'Sam (#bbbb)',
      'Ada',
      'You',
    ]);
  });

  it('have one name where it only looks the same', () => {
    const names = ['Ana Sá', ' ana  sá', 'Ana\u00a0S\u0061\u0301', 'An\u200ba Sá'];
    const people = names.map((name, index) => ({ user: ids[index] ?? '', name }));
    expect(told(...people)).toHaveLength(4);
    expect(told({ user: ids[0], name: 'Ana' }, { user: ids[1], name: 'Anna' })).toEqual([]);
  });
});

describe('a link', () => {
  it('is shown as written and leaves the sentence its punctuation', () => {
    expect(splitLinks('See https://example.org/a_(b)?c=d#e, or http://example.org.')).toEqual([
      { text: 'See ' },
      { text: 'https://example.org/a_(b)?c=d#e', href: 'https://example.org/a_(b)?c=d#e' },
      { text: ', or ' },
      { text: 'http://example.org', href: 'http://example.org/' },
      { text: '.' },
    ]);
  });

  it('is only made of http and https, and never hides who it goes to', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://',
      'https://bank.example@evil.example/',
    ]) {
      expect(splitLinks(text).every((part) => part.href === undefined)).toBe(true);
    }
  });
});

describe('a time', () => {
  const now = new Date(2026, 10, 24, 12, 0).getTime();
  const at = (day: number, hour = 9) => new Date(2026, 10, day, hour).getTime();

  it('is said as people say it', () => {
    expect(shortWhen(at(24), now)).toMatch(/9/u);
    expect(shortWhen(at(23, 23), now)).toBe('Yesterday');
    expect(shortWhen(at(20), now)).toBe('Friday');
    expect(dayName(at(24, 0), now)).toBe('Today');
    expect(dayName(at(1), now)).toContain('2026');
  });

  describe('in a browser of another language', () => {
    const Original = Intl.DateTimeFormat;
    afterEach(() => vi.restoreAllMocks());

    async function inBrowserOf(language: string) {
      vi.spyOn(Intl, 'DateTimeFormat').mockImplementation(function (locales, options) {
        return new Original(locales ?? language, options);
      });
      vi.resetModules();
      return import('./when');
    }

    it('has its days in English and keeps the hours as they are read there', async () => {
      const german = await inBrowserOf('de');
      expect(german.shortWhen(at(20), now)).toBe('Friday');
      expect(german.shortWhen(at(23, 23), now)).toBe('Yesterday');
      expect(german.dayName(at(1), now)).toBe('1 November 2026');
      expect(german.timeOfDay(at(24, 14))).toBe('14:00');
      const american = await inBrowserOf('en-US');
      expect([at(24, 14), at(24, 12), at(24, 0)].map(american.timeOfDay)).toEqual([
        '2:00 pm',
        '12:00 pm',
        '12:00 am',
      ]);
    });
  });
});

describe('a shortcut', () => {
  const press = (init: KeyboardEventInit, target?: HTMLElement) => {
    const event = new KeyboardEvent('keydown', init);
    if (target) Object.defineProperty(event, 'target', { value: target });
    return shortcutOf(event);
  };

  it('is understood', () => {
    expect(press({ key: 'k', ctrlKey: true })).toBe('find');
    expect(press({ key: 'k', metaKey: true })).toBe('find');
    expect(press({ key: 'i', ctrlKey: true })).toBe('info');
    expect(press({ key: 'n' })).toBe('newChat');
    expect(press({ key: '?', shiftKey: true })).toBe('shortcuts');
    expect(press({ key: 'ArrowUp', altKey: true })).toBe('previous');
    expect(press({ key: 'ArrowDown', altKey: true })).toBe('next');
    expect(press({ key: 'Escape' })).toBe('back');
  });

  it('leaves typing and the browser alone', () => {
    const area = document.createElement('textarea');
    expect(press({ key: 'n' }, area)).toBeNull();
    expect(press({ key: '?' }, area)).toBeNull();
    expect(press({ key: 'n', ctrlKey: true })).toBeNull();
    expect(press({ key: 'k', ctrlKey: true }, area)).toBe('find');
    expect(press({ key: 'Escape' }, area)).toBe('back');
  });
});

describe('the list', () => {
  const chat = (id: string, title: string) =>
    emptyChat({ conversation: id, kind: 'direct', user: id, title });
  const chats = [chat('c', 'Émile'), chat('a', 'Bo'), chat('b', 'Mira')];

  const nobody = new Map<string, Contact>();

  it('finds without regard to case and accents', () => {
    expect(matchChats(chats, nobody, ' emi ').map((each) => each.title)).toEqual(['Émile']);
  });

  it('finds a chat by the number or e-mail of its person, however it is typed', () => {
    const people = new Map<string, Contact>([
      ['a', { user: 'a', name: 'Bo', address: '+46 70 174 06 05' }],
      ['b', { user: 'b', name: 'Mira', address: 'mira@example.org' }],
      ['c', { user: 'c', name: 'Émile', address: '07700 900123' }],
    ]);
    const found = (query: string) => matchChats(chats, people, query).map((each) => each.title);
    for (const query of ['+46701740605', '0701740605', '070-174 06', '0046 (70) 174 06 05', '174 06 05']) {
      expect(found(query)).toEqual(['Bo']);
    }
    expect(found('+44 7700 900123')).toEqual(['Émile']);
    expect(found('Mira@Example')).toEqual(['Mira']);
    for (const query of ['()', '+46701740606', '99']) expect(found(query)).toEqual([]);
  });

  it('keeps known chats in place and puts new ones at the end while it is held', () => {
    expect(inOrder(chats, ['a', 'b']).map((each) => each.conversation)).toEqual(['a', 'b', 'c']);
  });
});

describe('the recovery key', () => {
  it('is asked for by two different groups, in order', () => {
    for (let turn = 0; turn < 200; turn++) {
      const [first, second] = twoGroups(7);
      expect(first).toBeLessThan(second ?? 0);
      expect(second).toBeLessThan(7);
    }
  });

  it('is in its file as it is read', () => {
    expect(keyFile(['K7QM', '3XVA'])).toContain('\nK7QM-3XVA\n');
  });

  it('is in its file with the numbers of its groups, by which it is asked for', () => {
    expect(keyFile(['K7QM', '3XVA'])).toContain('\nGroup 1: K7QM\nGroup 2: 3XVA\n');
  });
});

describe('words', () => {
  it('say what to do, never a number alone', () => {
    const failed = new CommandFailed('wrong_code', 'wrong code', undefined, 2);
    expect(wordsFor(failed)).toBe('That is not the code we sent. 2 tries are left.');
    expect(waitWords(61_000)).toBe('Try again in 2 minutes.');
    expect(waitWords(15_000)).toBe('Try again in 15 seconds.');
    expect(waitWords(14_400_000)).toBe('Try again in 4 hours.');
    expect(waitWords(86_400_000)).toBe('Try again in a day.');
    expect(waitWords(0)).toBe('You can try again now.');
    expect(wordsFor(new CommandFailed('something_new', 'the moon is full'))).toBe('The moon is full.');
    expect(wordsFor(new TypeError('undefined is not a function'))).toBe('Something went wrong. Try again.');
  });
});

describe('a device', () => {
  it('is named after browser and system', () => {
    const linux =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
    expect(deviceName(linux)).toBe('Chrome on Linux');
    expect(
      deviceName('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605'),
    ).toBe('Safari on Mac');
    expect(deviceName('curl/8')).toBe('Browser');
  });
});
