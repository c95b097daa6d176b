// The conditions of an invite link, in plain words.

import type { Invite, Millis } from '../../../schema/core';
import { dateName, timeOfDay } from '../when';

export function isExpired({ expires_ms }: Invite, now: Millis): boolean {
  return expires_ms !== undefined && expires_ms <= now;
}

export function wordsForWay({ needs_approval }: Invite): string {
  return needs_approval ? 'Whoever has it can ask to join' : 'Whoever has it can join';
}

// "Until 4 May, 09:30, for 10 people". How many have joined with it the group does not know.
export function wordsForLimits(invite: Invite, now: Millis): string {
  const { expires_ms, max_uses } = invite;
  if (expires_ms !== undefined && isExpired(invite, now)) return `Expired on ${dateName(expires_ms, now)}`;
  const until =
    expires_ms === undefined
      ? 'Does not expire'
      : `Until ${dateName(expires_ms, now)}, ${timeOfDay(expires_ms)}`;
  if (max_uses === undefined) return until;
  return `${until}, for ${max_uses === 1 ? '1 person' : `${max_uses} people`}`;
}
