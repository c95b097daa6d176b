// What is told about one of the user's devices.

import type { Millis, OwnDevice } from '../../../schema/core';
import { dateName, dayName } from '../when';

// One after the other, as far as it is known.
export function wordsForDevice(device: OwnDevice, now: Millis): string[] {
  const added = device.added_at > 0 ? `Added ${dateName(device.added_at, now)}` : '';
  return [device.is_this ? 'This device' : wordsForSeen(device.last_seen, now), added].filter(Boolean);
}

// The server knows it to the hour, and what is said is the day.
function wordsForSeen(at: Millis, now: Millis): string {
  if (at === 0) return '';
  const day = dayName(at, now);
  return `Last seen ${day === 'Today' || day === 'Yesterday' ? day.toLowerCase() : `on ${day}`}`;
}
