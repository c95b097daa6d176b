import { useState } from 'react';
import type { SubmitEvent } from 'react';
import type { Account } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Button, Field } from '../controls';
import { useCommand } from '../use_command';
import { PaneHeader } from './pane_header';

export function You({ account }: { account: Account }) {
  return (
    <div className="pane">
      <PaneHeader title="You" />
      <div className="pane-body pane-form">
        <Avatar id={account.user ?? ''} name={account.name ?? ''} size="large" />
        <NameForm key={account.name} name={account.name ?? ''} />
        {account.address !== undefined && (
          <dl className="facts">
            <dt>Number or e-mail</dt>
            <dd>{account.address}</dd>
          </dl>
        )}
      </div>
    </div>
  );
}

function NameForm({ name }: { name: string }) {
  const store = useStore();
  const [text, setText] = useState(name);
  const { busy, error, attempt } = useCommand();
  const wanted = text.trim();

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void attempt(() => store.run({ type: 'set_name', name: wanted }));
  }

  return (
    <form className="find-form" onSubmit={submit} noValidate>
      <Field
        label="Name"
        hint="This is how the people you write to see you."
        error={error}
        name="name"
        autoComplete="name"
        maxLength={64}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" wide disabled={busy || wanted === '' || wanted === name}>
        Save
      </Button>
    </form>
  );
}
