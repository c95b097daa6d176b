import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, SubmitEvent } from 'react';
import type { Id } from '../../../schema/core';
import { CommandFailed, isTooLong } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { IconButton } from '../controls';
import { explain } from '../explain';
import { SendIcon } from '../icons';

// Where the keyboard is on the screen, Enter is a new line and the button sends.
const touch = window.matchMedia('(pointer: coarse)');

// More than fills the composer at its highest.
const kShaping = 4000;

export type Addressee = { user: Id } | { conversation: Id };

interface Props {
  to: Addressee;
  name: string;
  onSent: () => void;
}

export function Composer({ to, name, onSent }: Props) {
  const store = useStore();
  const place = 'user' in to ? to.user : to.conversation;
  const [text, setText] = useState(() => store.drafts.get(place) ?? '');
  const [error, setError] = useState<ReactNode>();
  const area = useRef<HTMLTextAreaElement>(null);
  const errorId = useId();

  useEffect(() => {
    store.drafts.set(place, text);
  }, [store, place, text]);

  useEffect(() => {
    if (!touch.matches) area.current?.focus({ preventScroll: true });
  }, [place]);

  async function send() {
    const wanted = text.trim();
    if (wanted === '') return;
    // The core would refuse it too, but does not even read, and so never answers, what is larger than any command.
    if (isTooLong(wanted)) {
      setError(explain(new CommandFailed('too_large', 'This text is too long.')));
      return;
    }
    setText('');
    setError(undefined);
    try {
      await store.run({ type: 'send', ...to, text: wanted });
      onSent();
    } catch (reason) {
      setError(explain(reason));
      setText((now) => (now === '' ? wanted : `${wanted}\n${now}`));
    }
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void send();
    area.current?.focus();
  }

  function onKey(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || touch.matches) return;
    event.preventDefault();
    void send();
  }

  return (
    <form className="composer" onSubmit={submit}>
      {error !== undefined && (
        <p id={errorId} className="composer-error field-error" role="alert">
          {error}
        </p>
      )}
      <div className="composer-box">
        <div className="composer-area" data-text={text.slice(0, kShaping)}>
          <textarea
            ref={area}
            className="composer-text"
            rows={1}
            aria-label={`Message to ${name}`}
            aria-invalid={error !== undefined}
            aria-describedby={errorId}
            placeholder="Message"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setError(undefined);
            }}
            onKeyDown={onKey}
          />
        </div>
        <IconButton
          label="Send"
          keys="Enter"
          type="submit"
          className="composer-send"
          disabled={text.trim() === ''}
        >
          <SendIcon size={20} />
        </IconButton>
      </div>
    </form>
  );
}
