import { memo } from 'react';
import type { Millis, Notice } from '../../../schema/core';
import type { Names } from '../names';
import { linesForNotice } from '../notice_words';

interface Props {
  notice: Notice;
  now: Millis;
  names: Names;
}

// What nobody wrote: a line for each thing that a notice says.
export const SystemLines = memo(function SystemLines({ notice, now, names }: Props) {
  return linesForNotice(notice, now, names).map((line, index) => (
    <p key={index} className="system">
      {line}
    </p>
  ));
});
