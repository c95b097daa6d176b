import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, SubmitEvent } from 'react';
import type { Id } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { IconButton } from '../controls';
import { SendIcon } from '../icons';
import { wordsFor } from '../words';

// Where the keyboard is on the screen, Enter is a new line and the button sends.
const touch = window.matchMedia('(pointer: coarse)');

interface Props {
  user: Id;
  name: string;
  onSent: () => void;
}

export function Composer({ user, name, onSent }: Props) {
  const store = useStore();
  const [text, setText] = useState(() => store.drafts.get(user) ?? '');
  const [error, setError] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    store.drafts.set(user, text);
  }, [store, user, text]);

  useEffect(() => {
    if (!touch.matches) area.current?.focus({ preventScroll: true });
  }, [user]);

  // As tall as its text, up to what CSS allows.
  useLayoutEffect(() => {
    const box = area.current;
    if (box === null) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);

  async function send() {
    const wanted = text.trim();
    if (wanted === '') return;
    setText('');
    setError(undefined);
    try {
      await store.run({ type: 'send', user, text: wanted });
      onSent();
    } catch (reason) {
      setError(wordsFor(reason));
      setText((now) => (now === '' ? wanted : now));
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
        <p className="composer-error field-error" role="alert">
          {error}
        </p>
      )}
      <div className="composer-box">
        <textarea
          ref={area}
          className="composer-text"
          rows={1}
          aria-label={`Message to ${name}`}
          placeholder="Message"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKey}
        />
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
