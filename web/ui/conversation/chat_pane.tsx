import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { Chat } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { ConnectionLine } from '../frame/connection_line';
import { Notices } from '../frame/notices';
import { Closed } from './closed';
import { Composer } from './composer';
import type { Addressee } from './composer';
import { Encrypted } from './encrypted';
import { MessageList } from './message_list';
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
}

// A chat with whoever it may be: its messages, and where the next one is written.
export function ChatPane({ label, name, header, warning, chat, to }: Props) {
  const store = useStore();
  const conversation = chat?.conversation;
  const thread = useSelect((state) =>
    conversation === undefined ? undefined : state.threads.get(conversation),
  );
  const [sent, setSent] = useState(0);

  useEffect(() => {
    if (conversation === undefined) return undefined;
    void store.openThread(conversation);
    return () => store.closeThread(conversation);
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
        <MessageList chat={chat} thread={thread} sent={sent} />
      ) : (
        <div className="messages-frame">
          <div className="messages">
            <div className="messages-column">
              <div className="messages-start">{chat === undefined && <Encrypted name={name} />}</div>
            </div>
          </div>
        </div>
      )}
      {chat === undefined || chat.may_send ? (
        <Composer to={to} name={name} onSent={() => setSent((before) => before + 1)} />
      ) : (
        <Closed membership={chat.membership} />
      )}
    </section>
  );
}
