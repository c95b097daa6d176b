import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, SubmitEvent } from 'react';
import { Button, Field, IconButton, LongField } from './controls';
import { EditIcon } from './icons';
import { useCommand } from './use_command';
import './editable.css';

interface Props {
  label: string;
  // What the button says that begins it.
  change: string;
  text: string;
  longest: number;
  long?: boolean;
  required?: boolean;
  // What it is called is mostly another word, and not a longer one: the old one is selected.
  replaced?: boolean;
  editable: boolean;
  onSave: (text: string) => Promise<unknown>;
  // How it is shown; nothing, where there is none yet.
  children: ReactNode;
}

// Something that is changed where it stands.
export function Editable({ change, editable, children, ...rest }: Props) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);

  useEffect(() => {
    if (!editing && returning.current) button.current?.focus();
    returning.current = editing;
  }, [editing]);

  if (editing && editable) return <EditForm {...rest} onClose={() => setEditing(false)} />;
  if (!editable) return children;
  if (children === false) {
    return (
      <Button ref={button} look="text" onClick={() => setEditing(true)}>
        {change}
      </Button>
    );
  }
  return (
    <div className="editable">
      {children}
      <IconButton ref={button} label={change} onClick={() => setEditing(true)}>
        <EditIcon size={20} />
      </IconButton>
    </div>
  );
}

type FormProps = Pick<Props, 'label' | 'text' | 'longest' | 'long' | 'required' | 'replaced' | 'onSave'> & {
  onClose: () => void;
};

function EditForm({
  label,
  text,
  longest,
  long = false,
  required = false,
  replaced = false,
  onSave,
  onClose,
}: FormProps) {
  const [draft, setDraft] = useState(text);
  const { busy, error, setError, attempt } = useCommand();
  const wanted = draft.trim();
  const line = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (replaced) line.current?.select();
  }, [replaced]);
  const resting = busy || (required && wanted === '');

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (resting) return;
    if (wanted === text || (await attempt(() => onSave(wanted)))) onClose();
  }

  function onKey(event: KeyboardEvent) {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onClose();
  }

  function change(next: string) {
    setDraft(next);
    setError(undefined);
  }

  const shared = { label, error, value: draft, maxLength: longest, autoFocus: true };
  return (
    <form className="edit-form" onSubmit={(event) => void submit(event)} onKeyDown={onKey} noValidate>
      {long ? (
        <LongField {...shared} onChange={(event) => change(event.target.value)} />
      ) : (
        <Field ref={line} {...shared} onChange={(event) => change(event.target.value)} />
      )}
      <div className="edit-actions">
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" aria-disabled={resting}>
          Save
        </Button>
      </div>
    </form>
  );
}
