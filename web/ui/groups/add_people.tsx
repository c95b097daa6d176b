import { useMemo, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Contact, Group, Id } from '../../../schema/core';
import type { NotAdded } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { goBack } from '../route';
import { useCommand } from '../use_command';
import { wordsForNotAdded } from './not_added';
import { PeoplePicker } from './people_picker';

// More people for a group that is there.
export function AddPeople({ group }: { group: Group }) {
  const store = useStore();
  const { conversation } = group;
  const [chosen, setChosen] = useState<readonly Contact[]>([]);
  const [refused, setRefused] = useState<readonly NotAdded[]>([]);
  const { busy, error, setError, attempt } = useCommand();
  const inside = useMemo(
    () => new Set<Id>([...group.members.map((member) => member.user), ...group.waiting]),
    [group.members, group.waiting],
  );
  const resting = busy || chosen.length === 0;

  function choose(next: readonly Contact[]) {
    setChosen(next);
    setRefused([]);
    setError(undefined);
  }

  async function add() {
    const users = chosen.map((one) => one.user);
    const { not_added } = await store.run({ type: 'add_members', conversation, users });
    if (not_added.length === 0) {
      goBack({ at: 'group', conversation, beside: 'info' });
      return;
    }
    const outside = new Set(not_added.map((one) => one.user));
    setChosen(chosen.filter((one) => outside.has(one.user)));
    setRefused(not_added);
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (!resting) void attempt(add);
  }

  return (
    <form className="pane-form-flow" onSubmit={submit} noValidate>
      <PeoplePicker chosen={chosen} onChosen={choose} inside={inside} />
      <div className="pane-foot">
        {(error !== undefined || refused.length > 0) && (
          <div className="field-error" role="alert">
            {error}
            {refused.map((one) => (
              <p key={one.user}>{wordsForNotAdded(nameOf(one.user, chosen), one)}</p>
            ))}
          </div>
        )}
        <Button type="submit" wide aria-disabled={resting}>
          {busy ? 'Adding…' : 'Add'}
        </Button>
      </div>
    </form>
  );
}

function nameOf(user: Id, people: readonly Contact[]): string {
  return people.find((one) => one.user === user)?.name ?? 'Somebody';
}
