import { useEffect, useRef } from 'react';
import type { Member } from '../../../schema/core';
import { Avatar } from '../avatar';
import { Named } from '../named';
import { useNames } from '../names';

interface Props {
  id: string;
  members: readonly Member[];
  at: number;
  onPick: (member: Member) => void;
}

export const optionId = (list: string, at: number) => `${list}-${at}`;

// Over the composer: whom an "@" may mean. The focus stays where it is written.
export function MentionList({ id, members, at, onPick }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const names = useNames();
  // By hand: scrollIntoView would move the page too.
  useEffect(() => {
    const option = list.current?.children[at];
    if (list.current === null || !(option instanceof HTMLElement)) return;
    const { offsetTop: top, offsetHeight: height } = option;
    const box = list.current;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight;
  }, [at, members.length]);
  return (
    <>
      <ul ref={list} id={id} className="mention-list" role="listbox" aria-label="Mention">
        {members.map((member, index) => (
          <li
            key={member.user}
            id={optionId(id, index)}
            className="mention-option"
            role="option"
            aria-selected={index === at}
            // The text keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(member)}
          >
            <Avatar id={member.user} name={member.name} size="small" />
            <Named className="mention-name" name={member.name} user={member.user} names={names} />
          </li>
        ))}
      </ul>
      <p className="spoken" role="status">
        {members.length === 1 ? '1 member' : `${members.length} members`}
      </p>
    </>
  );
}
