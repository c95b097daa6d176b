import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, SubmitEvent } from 'react';
import type { Id, Member, Message } from '../../../schema/core';
import { CommandFailed, isTooLong } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { IconButton } from '../controls';
import { explain } from '../explain';
import { SendIcon } from '../icons';
import { MentionList, optionId } from './mention_list';
import { ReplyBar } from './reply_bar';
import { useMentioning } from './use_mentioning';

// Where the keyboard is on the screen, Enter is a new line and the button sends.
const touch = window.matchMedia('(pointer: coarse)');

// More than fills the composer at its highest.
const kShaping = 4000;

export type Addressee = { user: Id } | { conversation: Id };

interface Props {
  to: Addressee;
  name: string;
  // Whom a text may name.
  members: readonly Member[];
  // The message that the next one answers.
  answered: Message | null;
  onAnswer: (message: Message | null) => void;
  onStep: (by: -1 | 1) => void;
  onSent: () => void;
}

export function Composer({ to, name, members, answered, onAnswer, onStep, onSent }: Props) {
  const store = useStore();
  const place = 'user' in to ? to.user : to.conversation;
  const [text, setText] = useState(() => store.drafts.get(place));
  const [error, setError] = useState<ReactNode>();
  const area = useRef<HTMLTextAreaElement>(null);
  const errorId = useId();
  const mentioning = useMentioning(area, text, setText, members);

  useEffect(() => {
    store.drafts.set(place, text);
  }, [store, place, text]);

  useEffect(() => {
    if (!touch.matches) area.current?.focus({ preventScroll: true });
  }, [place]);

  // Whoever chose a message to answer wants to write.
  useEffect(() => {
    if (answered !== null) area.current?.focus({ preventScroll: true });
  }, [answered]);

  async function send() {
    const wanted = text.trim();
    if (wanted === '') return;
    // The core would refuse it too, but does not even read, and so never answers, what is larger than any command.
    if (isTooLong(wanted)) {
      setError(explain(new CommandFailed('too_large', 'This text is too long.')));
      return;
    }
    const mentions = mentioning.mentions(wanted);
    setText('');
    setError(undefined);
    onAnswer(null);
    try {
      await store.run({
        type: 'send',
        ...to,
        text: wanted,
        ...(answered !== null && { reply_to: answered.id }),
        ...(mentions.length > 0 && { mentions }),
      });
      mentioning.sent();
      onSent();
    } catch (reason) {
      setError(explain(reason));
      onAnswer(answered);
      setText((now) => (now === '' ? wanted : `${wanted}\n${now}`));
    }
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    void send();
    area.current?.focus();
  }

  function onKey(event: KeyboardEvent) {
    if (mentioning.onKey(event)) return;
    if (event.key === 'Escape' && answered !== null) {
      event.preventDefault();
      onAnswer(null);
      return;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step !== undefined && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      onStep(step as -1 | 1);
      return;
    }
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
      {mentioning.offered.length > 0 && (
        <MentionList
          id={mentioning.listId}
          members={mentioning.offered}
          at={mentioning.at}
          onPick={mentioning.pick}
        />
      )}
      {answered !== null && <ReplyBar message={answered} onClose={() => onAnswer(null)} />}
      <div className="composer-box">
        <div className="composer-area" data-text={text.slice(0, kShaping)}>
          <textarea
            ref={area}
            className="composer-text"
            rows={1}
            aria-label={`Message to ${name}`}
            aria-invalid={error !== undefined}
            aria-describedby={errorId}
            aria-autocomplete={members.length > 0 ? 'list' : undefined}
            aria-controls={mentioning.offered.length > 0 ? mentioning.listId : undefined}
            aria-activedescendant={
              mentioning.offered.length > 0 ? optionId(mentioning.listId, mentioning.at) : undefined
            }
            placeholder="Message"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setError(undefined);
              // What is dictated or put in by the system moves the caret without a word.
              mentioning.moved(event.target.selectionEnd);
            }}
            onSelect={(event) => mentioning.moved(event.currentTarget.selectionEnd)}
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
