// Times and days as people say them, in the browser's time zone: in English, with the user's own 12 or 24 hours.

import type { Millis } from '../../schema/core';
import { kLanguage } from './language';

const kDay = 24 * 60 * 60 * 1000;

const twelve = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12 === true;
// Not `hour12`, which British English takes for a clock that shows 0:05 pm.
const clock = new Intl.DateTimeFormat(kLanguage, {
  hour: twelve ? 'numeric' : '2-digit',
  minute: '2-digit',
  hourCycle: twelve ? 'h12' : 'h23',
});
const weekday = new Intl.DateTimeFormat(kLanguage, { weekday: 'long' });
const shortDate = new Intl.DateTimeFormat(kLanguage, { day: 'numeric', month: 'short' });
const monthDate = new Intl.DateTimeFormat(kLanguage, { day: 'numeric', month: 'long' });
const fullDate = new Intl.DateTimeFormat(kLanguage, { day: 'numeric', month: 'long', year: 'numeric' });

export function timeOfDay(at: Millis): string {
  return clock.format(at);
}

export function isoTime(at: Millis): string {
  return new Date(at).toISOString();
}

export function sameDay(a: Millis, b: Millis): boolean {
  return midnight(a) === midnight(b);
}

// In a list: the time today, then "Yesterday", the weekday, the date.
export function shortWhen(at: Millis, now: Millis): string {
  const days = daysBetween(at, now);
  if (days <= 0) return timeOfDay(at);
  if (days === 1) return 'Yesterday';
  if (days < 7) return weekday.format(at);
  return days < 300 ? shortDate.format(at) : fullDate.format(at);
}

// Between days of a conversation.
export function dayName(at: Millis, now: Millis): string {
  const days = daysBetween(at, now);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return days < 7 ? weekday.format(at) : fullDate.format(at);
}

// Within a sentence: "4 May", of another year "4 May 2025".
export function dateName(at: Millis, now: Millis): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? monthDate : fullDate).format(at);
}

function midnight(at: Millis): Millis {
  return new Date(at).setHours(0, 0, 0, 0);
}

// Rounded, since a day of a clock change has 23 or 25 hours.
function daysBetween(at: Millis, now: Millis): number {
  return Math.round((midnight(now) - midnight(at)) / kDay);
}
