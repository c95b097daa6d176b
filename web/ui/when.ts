// Times and days as people say them, in the browser's language and time zone.

import type { Millis } from '../../schema/core';

const kDay = 24 * 60 * 60 * 1000;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

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
  if (days === 1) return capital(relative.format(-1, 'day'));
  if (days < 7) return weekday.format(at);
  return days < 300 ? shortDate.format(at) : fullDate.format(at);
}

// Between days of a conversation.
export function dayName(at: Millis, now: Millis): string {
  const days = daysBetween(at, now);
  if (days <= 0) return capital(relative.format(0, 'day'));
  if (days === 1) return capital(relative.format(-1, 'day'));
  return days < 7 ? weekday.format(at) : fullDate.format(at);
}

function midnight(at: Millis): Millis {
  return new Date(at).setHours(0, 0, 0, 0);
}

// Rounded, since a day of a clock change has 23 or 25 hours.
function daysBetween(at: Millis, now: Millis): number {
  return Math.round((midnight(now) - midnight(at)) / kDay);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
