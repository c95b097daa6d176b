import { createContext, useContext, useEffect, useId, useRef, useState } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import { Button, IconButton } from './controls';
import { CloseIcon } from './icons';
import { useCommand } from './use_command';
import './dialog.css';

interface DialogProps {
  title: string;
  // With an X at the top; without one, what is in it has to be answered.
  closable?: boolean;
  onClose: () => void;
  children: ReactNode;
}

// Closes the dialog that this stands in, by its own means: so the focus returns to where it was.
const CloseContext = createContext<() => void>(() => undefined);

export function useCloseDialog(): () => void {
  return useContext(CloseContext);
}

// Over everything else, until it is closed: by what is in it, Escape, or a click beside it.
export function Dialog({ title, closable = false, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);

  const close = () => dialog.current?.close();

  // All of the dialog is covered by what is in it: a click on itself is one beside it.
  function onClick(event: MouseEvent) {
    if (event.target === dialog.current) close();
  }

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={titleId} onClose={onClose} onClick={onClick}>
      <div className="dialog-body">
        <div className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          {closable && (
            <IconButton label="Close" keys="Esc" onClick={close}>
              <CloseIcon size={20} />
            </IconButton>
          )}
        </div>
        <CloseContext value={close}>{children}</CloseContext>
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  // What will happen.
  text: string;
  action: string;
  // What is to be decided is not whole yet.
  resting?: boolean;
  // What the user gave with it: why it did not work holds for this alone.
  given?: string;
  // What else is to be decided.
  children?: ReactNode;
  onConfirm: () => Promise<unknown>;
}

// Asks before something that cannot simply be taken back, and stays with the reason where it does not work.
export function Confirm({ onClose, ...question }: Question & { onClose: () => void }) {
  return (
    <Dialog title={question.title} onClose={onClose}>
      <Answers {...question} />
    </Dialog>
  );
}

function Answers({ text, action, resting = false, given, children, onConfirm }: Question) {
  const close = useCloseDialog();
  const { busy, error, setError, attempt } = useCommand();
  const [wasGiven, setWasGiven] = useState(given);
  if (wasGiven !== given) {
    setWasGiven(given);
    setError(undefined);
  }

  async function confirm() {
    if (!resting && (await attempt(onConfirm))) close();
  }

  return (
    <>
      <p className="dialog-text">{text}</p>
      {children}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="dialog-actions">
        <Button look="quiet" onClick={close}>
          Cancel
        </Button>
        <Button look="danger" aria-disabled={busy || resting} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </>
  );
}

// Says why something cannot be done.
export function Explain({ title, text, onClose }: { title: string; text: string; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="dialog-text">{text}</p>
      <div className="dialog-actions">
        <Understood />
      </div>
    </Dialog>
  );
}

function Understood() {
  const close = useCloseDialog();
  return <Button onClick={close}>OK</Button>;
}
