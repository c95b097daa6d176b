import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Contact } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button, Field, LongField } from '../controls';
import { ConnectionLine } from '../frame/connection_line';
import { PaneHeader } from '../frame/pane_header';
import { listed } from '../names';
import { inSentence } from '../person';
import { go, goInstead, wayBack } from '../route';
import { useCommand } from '../use_command';
import { kLongestDescription, kLongestName } from './limits';
import { PeoplePicker } from './people_picker';
import './groups.css';

const kLater = 'You can add people later, or send them an invite link.';

// Two steps: who is in it, and what it is called. What was entered stays while one goes from one to the other and back.
export function NewGroup({ step }: { step: 'people' | 'name' }) {
  const [chosen, setChosen] = useState<readonly Contact[]>([]);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const naming = step === 'name';
  return (
    <div className="pane">
      <PaneHeader
        title={naming ? 'Name the group' : 'New group'}
        back={wayBack({ at: 'new_group', step: naming ? 'name' : 'people' })}
      />
      <ConnectionLine />
      {naming ? (
        <NameStep
          people={chosen}
          name={name}
          onName={setName}
          description={description}
          onDescription={setDescription}
        />
      ) : (
        <PeopleStep chosen={chosen} onChosen={setChosen} />
      )}
    </div>
  );
}

interface PeopleProps {
  chosen: readonly Contact[];
  onChosen: (chosen: readonly Contact[]) => void;
}

function PeopleStep({ chosen, onChosen }: PeopleProps) {
  function submit(event: SubmitEvent) {
    event.preventDefault();
    go({ at: 'new_group', step: 'name' });
  }

  return (
    <form className="pane-form-flow" onSubmit={submit} noValidate>
      <PeoplePicker chosen={chosen} onChosen={onChosen} />
      <div className="pane-foot">
        {chosen.length === 0 && <p className="secondary">{kLater}</p>}
        <Button type="submit" wide>
          Next
        </Button>
      </div>
    </form>
  );
}

interface NameProps {
  people: readonly Contact[];
  name: string;
  onName: (name: string) => void;
  description: string;
  onDescription: (description: string) => void;
}

function NameStep({ people, name, onName, description, onDescription }: NameProps) {
  const store = useStore();
  const { busy, error, setError, attempt } = useCommand();
  const wanted = name.trim();
  const about = description.trim();
  const resting = busy || wanted === '';

  async function create() {
    const { chat } = await store.run({
      type: 'create_group',
      name: wanted,
      ...(about === '' ? {} : { description: about }),
      members: people.map((one) => one.user),
    });
    goInstead({ at: 'group', conversation: chat.conversation, beside: 'nothing' });
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!resting) void attempt(create);
  }

  return (
    <form className="pane-form-flow" onSubmit={submit} noValidate>
      <div className="pane-body pane-form">
        <Field
          label="Name"
          maxLength={kLongestName}
          autoFocus
          value={name}
          onChange={(event) => {
            onName(event.target.value);
            setError(undefined);
          }}
        />
        <LongField
          label="Description, if you like"
          maxLength={kLongestDescription}
          value={description}
          onChange={(event) => onDescription(event.target.value)}
        />
        <p className="secondary new-group-with">
          {people.length === 0 ? kLater : `With ${listed(people.map((one) => inSentence(one.name)))}`}
        </p>
      </div>
      <div className="pane-foot">
        {error !== undefined && (
          <p className="field-error" role="alert">
            {error}
          </p>
        )}
        <Button type="submit" wide aria-disabled={resting}>
          {busy ? 'Creating…' : 'Create'}
        </Button>
      </div>
    </form>
  );
}
