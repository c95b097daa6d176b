import { useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Contact, Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { peopleByName } from '../../store/select';
import { browserRegion, readAddress } from '../address';
import { matchPeople } from '../chats/find';
import { useFindPerson } from '../chats/use_find_person';
import { Field } from '../controls';
import { SearchIcon } from '../icons';
import { inSentence } from '../person';
import { Chips } from './chips';
import { PersonToPick } from './person_to_pick';

interface Props {
  chosen: readonly Contact[];
  onChosen: (chosen: readonly Contact[]) => void;
  // Who is in the group already, and is not offered.
  inside?: ReadonlySet<Id>;
}

const kNobody: ReadonlySet<Id> = new Set();

// Some of the people one knows, or whom the server knows by a number or e-mail. Stands in a form: Enter in the empty field sends it.
export function PeoplePicker({ chosen, onChosen, inside = kNobody }: Props) {
  const contacts = useSelect(peopleByName);
  const [query, setQuery] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const { busy, error, setError, find } = useFindPerson();

  const picked = new Set(chosen.map((one) => one.user));
  const shown = matchPeople(contacts, query).filter((one) => !inside.has(one.user));
  const address = readAddress(query, browserRegion(navigator.languages));
  const unknown = query.trim() !== '' && shown.length === 0;

  function type(next: string) {
    setQuery(next);
    setError(undefined);
  }

  function toggle(person: Contact) {
    onChosen(
      picked.has(person.user) ? chosen.filter((one) => one.user !== person.user) : [...chosen, person],
    );
  }

  // Chosen by its key or by the button under the field: the next one is typed there.
  function take(person: Contact) {
    toggle(person);
    type('');
    field.current?.focus();
  }

  async function findTyped() {
    const person = await find(query);
    if (person === null) return;
    if (inside.has(person.user)) setError(`${inSentence(person.name)} is in the group already.`);
    else if (picked.has(person.user)) type('');
    else take(person);
  }

  function onFieldKey(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && query.trim() !== '') {
      event.preventDefault();
      const first = shown[0];
      if (first !== undefined) take(first);
      else if (address !== null) void findTyped();
    } else if (event.key === 'Backspace' && query === '' && chosen.length > 0) {
      event.preventDefault();
      onChosen(chosen.slice(0, -1));
    } else if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      type('');
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      list.current?.querySelector('input')?.focus();
    }
  }

  function onListKey(event: KeyboardEvent) {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const boxes = [...(list.current?.querySelectorAll('input') ?? [])];
    const at = boxes.findIndex((box) => box === event.target);
    (at + by < 0 ? field.current : boxes[at + by])?.focus();
  }

  return (
    <>
      <div className="picker-head">
        <Chips
          people={chosen}
          onRemove={(person) => {
            toggle(person);
            field.current?.focus();
          }}
        />
        <Field
          ref={field}
          label="Name, phone number or e-mail"
          error={error}
          type="text"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={query}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onFieldKey}
        />
      </div>
      <div className="pane-body">
        <ul ref={list} aria-label="People" onKeyDown={onListKey}>
          {shown.map((person) => (
            <PersonToPick
              key={person.user}
              person={person}
              picked={picked.has(person.user)}
              onToggle={() => toggle(person)}
            />
          ))}
        </ul>
        {unknown && address !== null && (
          <button
            type="button"
            className="chat-row picker-find"
            disabled={busy}
            onClick={() => void findTyped()}
          >
            <span className="avatar avatar-new">
              <SearchIcon />
            </span>
            <span className="chat-row-name">{busy ? 'Looking…' : `Find ${query.trim()}`}</span>
          </button>
        )}
        {unknown && address === null && (
          <p className="picker-none secondary" role="status">
            Nobody you know is called “{query.trim()}”. Type their whole number or e-mail to find them.
          </p>
        )}
        {query === '' && shown.length === 0 && (
          <p className="picker-none secondary">Find people by their number or e-mail.</p>
        )}
      </div>
    </>
  );
}
