import { useCallback, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Chat, Member, Message } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { ConnectionLine } from '../frame/connection_line';
import { Notices } from '../frame/notices';
import { Closed } from './closed';
import { Composer } from './composer';
import type { Addressee } from './composer';
import { Encrypted } from './encrypted';
import { MessageList } from './message_list';
import './answers.css';
import './composer.css';
import './conversation.css';

interface Props {
  label: string;
  name: string;
  header: ReactNode;
  warning?: ReactNode;
  // Not there before the first message to a person.
  chat: Chat | undefined;
  to: Addressee;
  // Whom a text may name.
  members?: readonly Member[];
}

const kNobody: readonly Member[] = [];

// A chat with whoever it may be: its messages, and where the next one is written.
export function ChatPane({ label, name, header, warning, chat, to, members = kNobody }: Props) {
  const store = useStore();
  const conversation = chat?.conversation;
  const thread = useSelect((state) =>
    conversation === undefined ? undefined : state.threads.get(conversation),
  );
  const [sent, setSent] = useState(0);
  const place = 'user' in to ? to.user : to.conversation;
  const [answered, setAnswered] = useState(() => store.answered.get(place) ?? null);
  const answer = useCallback(
    (message: Message | null) => {
      if (message === null) store.answered.delete(place);
      else store.answered.set(place, message);
      setAnswered(message);
    },
    [store, place],
  );

  // To the message before the one that is answered, or behind it, of those that are loaded.
  function step(by: -1 | 1) {
    const all = (thread?.messages ?? []).filter(
      (each) => each.seq !== undefined && each.notice === undefined,
    );
    const at = answered === null ? all.length : all.findIndex((each) => each.id === answered.id);
    answer(all[at + by] ?? (by > 0 ? null : answered));
  }

  useEffect(() => {
    if (conversation === undefined) return undefined;
    store.tell({ type: 'open_chat', conversation });
    void store.openThread(conversation);
    return () => {
      store.tell({ type: 'open_chat' });
      store.closeThread(conversation);
    };
  }, [store, conversation]);

  return (
    <section className="conversation" aria-label={label}>
      {header}
      {warning}
      {conversation !== undefined && <Notices conversation={conversation} />}
      <div className="only-narrow">
        <ConnectionLine />
      </div>
      {chat !== undefined && thread !== undefined ? (
        <MessageList chat={chat} thread={thread} sent={sent} onReply={answer} />
      ) : (
        <div className="messages-frame">
          <div className="messages">
            <div className="messages-column">
              <div className="messages-start">
                {chat === undefined && <Encrypted name={name} user={'user' in to ? to.user : undefined} />}
              </div>
            </div>
          </div>
        </div>
      )}
      {chat === undefined || chat.may_send ? (
        <Composer
          to={to}
          name={name}
          members={members}
          answered={answered}
          onAnswer={answer}
          onStep={step}
          onSent={() => setSent((before) => before + 1)}
        />
      ) : (
        <Closed membership={chat.membership} />
      )}
    </section>
  );
}
