import type { Contact } from '../../../schema/core';
import { Avatar } from '../avatar';
import { useNames } from '../names';

interface Props {
  person: Contact;
  picked: boolean;
  onToggle: () => void;
}

export function PersonToPick({ person, picked, onToggle }: Props) {
  const names = useNames();
  const about = person.address ?? names.detail(person.user);
  return (
    <li>
      <label className="chat-row">
        <Avatar id={person.user} name={person.name} />
        <span className="chat-row-text">
          <span className="chat-row-name">{person.name}</span>
          {about !== undefined && <span className="chat-row-last">{about}</span>}
        </span>
        <input type="checkbox" className="pick" checked={picked} onChange={onToggle} />
      </label>
    </li>
  );
}
