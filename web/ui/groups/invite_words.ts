// The conditions of an invite link, and what has become of it, in plain words.

import type { Invite, Millis } from '../../../schema/core';
import type { Names } from '../names';
import { dateName, timeOfDay } from '../when';

function isExpired({ expires_ms }: Invite, now: Millis): boolean {
  return expires_ms !== undefined && expires_ms <= now;
}

// As far as this device has seen who came: the server counts them all.
function isUsedUp({ max_uses, joined = 0 }: Invite): boolean {
  return max_uses !== undefined && joined >= max_uses;
}

export function letsIn(invite: Invite, now: Millis): boolean {
  return !isExpired(invite, now) && !isUsedUp(invite);
}

export function wordsForWay({ needs_approval }: Invite): string {
  return needs_approval ? 'Whoever has it can ask to join' : 'Whoever has it can join';
}

// "Until 4 May, 09:30, for 10 people, 2 have joined".
export function wordsForLimits(invite: Invite, now: Millis): string {
  const { expires_ms, max_uses, joined = 0 } = invite;
  if (isUsedUp(invite)) return `Used up: ${joined === 1 ? '1 person has' : `${joined} people have`} joined`;
  if (expires_ms !== undefined && isExpired(invite, now)) return `Expired on ${dateName(expires_ms, now)}`;
  const until =
    expires_ms === undefined
      ? 'Does not expire'
      : `Until ${dateName(expires_ms, now)}, ${timeOfDay(expires_ms)}`;
  const most = max_uses === undefined ? '' : `, for ${max_uses === 1 ? '1 person' : `${max_uses} people`}`;
  const came = joined === 0 ? '' : `, ${joined === 1 ? '1 has' : `${joined} have`} joined`;
  return until + most + came;
}

// Whoever has it here has made it.
export function wordsForMaker({ by, link }: Invite, names: Names): string {
  if (link !== undefined || (by !== undefined && names.isMe(by))) return 'Made by you';
  return by === undefined ? 'Made before you were here' : `Made by ${names.told(by)}`;
}
