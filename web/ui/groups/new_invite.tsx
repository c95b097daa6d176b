import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Id, Invite } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Dialog, useCloseDialog } from '../dialog';
import { useClock } from '../use_clock';
import { useCommand } from '../use_command';
import { wordsForLimits, wordsForWay } from './invite_words';
import { LinkField, LinkWays } from './link_ways';

const kDay = 24 * 60 * 60 * 1000;

type Choices = readonly (readonly [amount: number, words: string])[];

// Nought: without end.
const kDays: Choices = [
  [1, 'After 1 day'],
  [7, 'After 7 days'],
  [30, 'After 30 days'],
  [0, 'Never'],
];
const kPeople: Choices = [
  [0, 'No limit'],
  [1, '1 person'],
  [10, '10 people'],
  [100, '100 people'],
];

interface Props {
  conversation: Id;
  onClose: () => void;
}

// What a link is good for, and then the link.
export function NewInvite({ conversation, onClose }: Props) {
  const [made, setMade] = useState<Invite>();
  return (
    <Dialog title={made === undefined ? 'New invite link' : 'Your invite link'} onClose={onClose}>
      {made === undefined ? (
        <Conditions conversation={conversation} onMade={setMade} />
      ) : (
        <Made invite={made} />
      )}
    </Dialog>
  );
}

function Conditions({ conversation, onMade }: { conversation: Id; onMade: (invite: Invite) => void }) {
  const store = useStore();
  const close = useCloseDialog();
  const { busy, error, attempt } = useCommand();
  const [days, setDays] = useState(7);
  const [people, setPeople] = useState(0);
  const [asking, setAsking] = useState(false);

  async function make() {
    const { invite } = await store.run({
      type: 'create_invite',
      conversation,
      needs_approval: asking,
      ...(days === 0 ? {} : { expires_in_ms: days * kDay }),
      ...(people === 0 ? {} : { max_uses: people }),
    });
    onMade(invite);
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void attempt(make);
  }

  return (
    <form className="invite-form" onSubmit={submit} noValidate>
      <p className="dialog-text secondary">Whoever has the link can come into this group.</p>
      <Choice label="Expires" choices={kDays} amount={days} onChoose={setDays} />
      <Choice label="For how many" choices={kPeople} amount={people} onChoose={setPeople} />
      <label className="rule">
        Somebody has to let them in
        <input
          type="checkbox"
          className="pick"
          checked={asking}
          onChange={(event) => setAsking(event.target.checked)}
        />
      </label>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="dialog-actions">
        <Button look="quiet" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" aria-disabled={busy}>
          {busy ? 'Making…' : 'Make link'}
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  choices: Choices;
  amount: number;
  onChoose: (amount: number) => void;
}

function Choice({ label, choices, amount, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="rule">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="rule-choice"
        value={amount}
        onChange={(event) => onChoose(Number(event.target.value))}
      >
        {choices.map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

function Made({ invite }: { invite: Invite }) {
  const close = useCloseDialog();
  const now = useClock(60_000);
  const id = useId();
  return (
    <>
      <p id={id} className="dialog-text">
        {wordsForWay(invite)}. {wordsForLimits(invite, now)}.
      </p>
      {invite.link !== undefined && (
        <div className="invite-link">
          <LinkField link={invite.link} />
        </div>
      )}
      <div className="dialog-actions">
        <Button look="quiet" onClick={close}>
          Done
        </Button>
        {invite.link !== undefined && <LinkWays link={invite.link} describedBy={id} main />}
      </div>
    </>
  );
}
