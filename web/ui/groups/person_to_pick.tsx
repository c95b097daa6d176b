import type { Contact } from '../../../schema/core';
import { Avatar } from '../avatar';

interface Props {
  person: Contact;
  picked: boolean;
  onToggle: () => void;
}

export function PersonToPick({ person, picked, onToggle }: Props) {
  return (
    <li>
      <label className="chat-row">
        <Avatar id={person.user} name={person.name} />
        <span className="chat-row-text">
          <span className="chat-row-name">{person.name}</span>
          {person.address !== undefined && <span className="chat-row-last">{person.address}</span>}
        </span>
        <input type="checkbox" className="pick" checked={picked} onChange={onToggle} />
      </label>
    </li>
  );
}
