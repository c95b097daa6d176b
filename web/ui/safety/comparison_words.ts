// What a comparison of safety numbers means.

import type { Comparison } from '../../../schema/core';
import { inSentence } from '../person';

export function wordsForComparison(comparison: Comparison, person: string): string {
  const name = inSentence(person);
  switch (comparison.identity) {
    case 'changed':
      return `${name} really has the new identity. Accept it, then compare again.`;
    case 'theirs_differs':
      return `The identity that you know ${name} by is not the one on their device. Somebody may stand between you.`;
    case 'mine_differs':
      return `${name} knows you by another identity than yours. Somebody may stand between you.`;
    case 'same':
      return wordsForLog(comparison.log);
  }
}

function wordsForLog(log: Comparison['log']): string {
  switch (log) {
    case 'forked':
      return 'The identities are the same, but the server shows this chat differently to the two of you. Don’t trust it.';
    case 'unknown':
      return 'The safety numbers are the same. The chat can be compared when both of you are up to date: try again then.';
    case 'same':
      return 'The safety numbers are the same, and so is the chat.';
    case 'none':
      return 'The safety numbers are the same.';
  }
}
