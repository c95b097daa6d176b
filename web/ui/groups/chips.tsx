import type { Contact } from '../../../schema/core';
import { CloseIcon } from '../icons';
import { Named } from '../named';
import { useNames } from '../names';
import { inSentence } from '../person';

interface Props {
  people: readonly Contact[];
  onRemove: (person: Contact) => void;
}

// Who is chosen: each can be put back.
export function Chips({ people, onRemove }: Props) {
  const names = useNames();
  if (people.length === 0) return null;
  return (
    <ul className="chips" aria-label="Chosen">
      {people.map((person) => (
        <li key={person.user} className="chip-place">
          <button
            type="button"
            className="chip"
            aria-label={['Take out', inSentence(person.name), names.detail(person.user)]
              .filter(Boolean)
              .join(' ')}
            onClick={() => onRemove(person)}
          >
            <Named className="chip-name" name={person.name} user={person.user} names={names} />
            <CloseIcon size={16} />
          </button>
        </li>
      ))}
    </ul>
  );
}
