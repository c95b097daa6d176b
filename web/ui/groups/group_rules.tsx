import { useId, useState } from 'react';
import type { Group, Who } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { useCommand } from '../use_command';

type Rule = 'may_send' | 'may_edit' | 'may_add';

const kRules: readonly (readonly [Rule, string])[] = [
  ['may_send', 'Send messages'],
  ['may_edit', 'Edit name and description'],
  ['may_add', 'Add people'],
];

// Who may do what; shown to those who decide it.
export function GroupRules({ group }: { group: Group }) {
  const store = useStore();
  const { busy, error, attempt } = useCommand();
  // What was chosen and is not yet so.
  const [wanted, setWanted] = useState<Partial<Record<Rule, Who>>>({});

  async function choose(rule: Rule, who: Who) {
    if (busy) return;
    setWanted({ [rule]: who });
    await attempt(() => store.run({ type: 'set_group', conversation: group.conversation, [rule]: who }));
    setWanted({});
  }

  return (
    <section className="info-part">
      <h3 className="list-heading">Who may</h3>
      {error !== undefined && (
        <p className="field-error info-error" role="alert">
          {error}
        </p>
      )}
      {kRules.map(([rule, label]) => (
        <Choice
          key={rule}
          label={label}
          who={wanted[rule] ?? group[rule]}
          busy={busy}
          onChoose={(who) => void choose(rule, who)}
        />
      ))}
    </section>
  );
}

interface ChoiceProps {
  label: string;
  who: Who;
  busy: boolean;
  onChoose: (who: Who) => void;
}

function Choice({ label, who, busy, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="rule">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="rule-choice"
        value={who}
        aria-disabled={busy}
        onChange={(event) => onChoose(event.target.value as Who)}
      >
        <option value="everyone">Everyone</option>
        <option value="admins">Only admins</option>
      </select>
    </div>
  );
}
