// What the lines in a chat say that nobody wrote.

import type { Millis, Notice } from '../../schema/core';
import { linesForGroup } from './group_words';
import type { Names } from './names';
import { dateName, sameDay } from './when';

// One line for each thing that a notice says. Those of later versions have no words here.
export function linesForNotice(notice: Notice, now: Millis, names: Names): string[] {
  switch (notice.kind) {
    case 'messages_lost':
      return [wordsForLost(notice, now)];
    case 'group':
      return linesForGroup(notice.by, notice.changes, names);
    case 'identity_changed':
      return [`${names.told(notice.user)}’s identity has changed. Compare safety numbers.`];
    case 'generation_unsigned':
      return [
        `${names.told(notice.user)} removed a device or made new keys, without the recovery key. Compare safety numbers.`,
      ];
    default:
      return ['Something that this version of Kith can’t show.'];
  }
}

function wordsForLost(
  { count, from_ms: from, to_ms: to }: Extract<Notice, { kind: 'messages_lost' }>,
  now: Millis,
): string {
  if (count === undefined || from === undefined || to === undefined)
    return 'Some messages may be missing here.';
  const what = count === 1 ? '1 message' : `${count} messages`;
  const days = sameDay(from, to) ? dateName(from, now) : `${dateName(from, now)} to ${dateName(to, now)}`;
  return `${what} from ${days} could not be restored on this device.`;
}
