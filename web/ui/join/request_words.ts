import type { JoinRequest } from '../../../schema/core';

// What has become of the user's wish to be let into a group.
export function wordsForRequest({ refusal }: JoinRequest): string {
  if (refusal === undefined) return 'Waiting to be let in';
  return refusal === 'declined' ? 'You were not let in' : 'The link you asked by is not valid any more';
}
