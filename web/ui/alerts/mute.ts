import type { Chat, Millis } from '../../../schema/core';
import { kLanguage } from '../language';
import { sameDay, timeOfDay } from '../when';

const kHour: Millis = 60 * 60 * 1000;

interface MuteTime {
  name: string;
  words: string;
  forMs: Millis | null;
}

// For how long a chat can be muted; null: for ever, 0: no longer.
export const kMuteTimes: readonly MuteTime[] = [
  { name: 'off', words: 'Off', forMs: 0 },
  { name: '8h', words: 'For 8 hours', forMs: 8 * kHour },
  { name: '1w', words: 'For 1 week', forMs: 7 * 24 * kHour },
  { name: 'always', words: 'Always', forMs: null },
];

// What the command says of it.
export function untilOf({ forMs }: MuteTime, now: Millis): Millis | null {
  return forMs === null ? null : forMs === 0 ? 0 : now + forMs;
}

// "Muted until 08:15", "Muted until Fri 4 Dec, 08:15", "Muted".
export function mutedWords({ muted_until }: Pick<Chat, 'muted_until'>, now: Millis): string {
  if (muted_until === undefined) return 'Muted';
  if (sameDay(muted_until, now)) return `Muted until ${timeOfDay(muted_until)}`;
  return `Muted until ${kDay.format(muted_until)}, ${timeOfDay(muted_until)}`;
}

const kDay = new Intl.DateTimeFormat(kLanguage, { weekday: 'short', day: 'numeric', month: 'short' });
