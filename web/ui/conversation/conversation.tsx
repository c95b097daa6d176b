import { useEffect, useId, useState } from 'react';
import type { Id } from '../../../schema/core';
import { useSelect, useStore } from '../../store/hooks';
import { chatWith } from '../../store/select';
import { Avatar } from '../avatar';
import { Button, IconButton } from '../controls';
import { ConnectionLine } from '../frame/connection_line';
import { Notices } from '../frame/notices';
import { BackIcon } from '../icons';
import { go, goBack, goInstead } from '../route';
import { Composer } from './composer';
import { Encrypted } from './encrypted';
import { IdentityWarning } from './identity_warning';
import { MessageList } from './message_list';
import { usePerson } from './use_person';
import './conversation.css';

// One chat, named by its person: it can be open before its first message has made the conversation.
export function Conversation({ user, info }: { user: Id; info: boolean }) {
  const store = useStore();
  const person = usePerson(user);
  const chat = useSelect((state) => chatWith(state, user));
  const conversation = chat?.conversation;
  const thread = useSelect((state) =>
    conversation === undefined ? undefined : state.threads.get(conversation),
  );
  const addressId = useId();
  const [sent, setSent] = useState(0);

  useEffect(() => {
    if (conversation === undefined) return undefined;
    void store.openThread(conversation);
    return () => store.closeThread(conversation);
  }, [store, conversation]);

  if (person === undefined) return <Unknown />;

  return (
    <section className="conversation" aria-label={`Chat with ${person.name}`}>
      <header className="conversation-header">
        <IconButton label="Back" className="only-narrow" onClick={() => goBack({ at: 'chats' })}>
          <BackIcon />
        </IconButton>
        <h2 className="spoken" tabIndex={-1}>
          {person.name}
        </h2>
        <button
          type="button"
          className="conversation-person"
          aria-describedby={addressId}
          aria-expanded={info}
          title="About this person"
          onClick={() => (info ? goBack : go)({ at: 'chat', user, info: !info })}
        >
          <Avatar id={user} name={person.name} size="small" />
          <span className="conversation-title">
            <span className="conversation-name" aria-hidden="true">
              {person.name}
            </span>
            <span className="spoken">{person.name}, details</span>
            {person.address !== undefined && (
              <span id={addressId} className="secondary" aria-hidden="true">
                {person.address}
              </span>
            )}
          </span>
        </button>
      </header>
      {person.identityChanged && <IdentityWarning name={person.name} />}
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
              <div className="messages-start">{chat === undefined && <Encrypted name={person.name} />}</div>
            </div>
          </div>
        </div>
      )}
      <Composer user={user} name={person.name} onSent={() => setSent((before) => before + 1)} />
    </section>
  );
}

function Unknown() {
  return (
    <div className="nobody">
      <div className="whole-page-words">
        <h2 tabIndex={-1}>This chat is not here</h2>
        <p>It may belong to another account or device.</p>
      </div>
      <Button look="quiet" onClick={() => goInstead({ at: 'chats' })}>
        To the chats
      </Button>
    </div>
  );
}
