import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Account } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Button, Field } from '../controls';
import { DevicesIcon, HistoryIcon } from '../icons';
import { CheckKeyEntry } from '../recovery/check_key';
import { LockEntry } from '../recovery/lock_entry';
import { RouteLink } from '../route_link';
import { useCommand } from '../use_command';
import { PaneHeader } from './pane_header';

export function You({ account }: { account: Account }) {
  return (
    <div className="pane">
      <PaneHeader title="You" />
      <div className="pane-body pane-form">
        <Avatar id={account.user ?? ''} name={account.name ?? ''} size="large" />
        <NameForm name={account.name ?? ''} />
        {account.address !== undefined && (
          <dl className="facts">
            <dt>Number or e-mail</dt>
            <dd>{account.address}</dd>
          </dl>
        )}
        <div className="you-ways">
          <RouteLink className="member" to={{ at: 'devices' }}>
            <span className="avatar avatar-small avatar-new">
              <DevicesIcon size={20} />
            </span>
            <span className="member-name">Devices</span>
          </RouteLink>
          <RouteLink className="member" to={{ at: 'history' }}>
            <span className="avatar avatar-small avatar-new">
              <HistoryIcon size={20} />
            </span>
            <span className="member-name">History</span>
          </RouteLink>
          <CheckKeyEntry />
          <LockEntry />
        </div>
      </div>
    </div>
  );
}

function NameForm({ name }: { name: string }) {
  const store = useStore();
  // What is typed; undefined while it is the name as it stands.
  const [draft, setDraft] = useState<string>();
  const [saved, setSaved] = useState(false);
  const { busy, error, attempt } = useCommand();
  const text = draft ?? name;
  const wanted = text.trim();
  // Not `disabled`: that would take the focus away from whoever has just pressed it.
  const resting = busy || wanted === '' || wanted === name;

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (resting || !(await attempt(() => store.run({ type: 'set_name', name: wanted })))) return;
    setDraft((now) => (now?.trim() === wanted ? undefined : now));
    setSaved(true);
  }

  return (
    <form className="find-form" onSubmit={(event) => void submit(event)} noValidate>
      <Field
        label="Name"
        hint="This is how the people you write to see you."
        error={error}
        name="name"
        autoComplete="name"
        maxLength={64}
        value={text}
        onChange={(event) => {
          setDraft(event.target.value);
          setSaved(false);
        }}
      />
      <Button type="submit" wide aria-disabled={resting}>
        Save
      </Button>
      <p className="form-done secondary" role="status">
        {saved && 'Saved'}
      </p>
    </form>
  );
}
