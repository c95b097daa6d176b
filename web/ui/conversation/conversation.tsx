import type { Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { chatWith } from '../../store/select';
import { useNames } from '../names';
import { go, goBack } from '../route';
import { ChatPane } from './chat_pane';
import { ConversationHeader } from './header';
import { IdentityWarning } from './identity_warning';
import { Nowhere } from './nowhere';
import { usePerson } from './use_person';

// A chat with one person, and named by them: it can be open before its first message has made the conversation.
export function Conversation({ user, info }: { user: Id; info: boolean }) {
  const person = usePerson(user);
  const chat = useSelect((state) => chatWith(state, user));
  const names = useNames();
  if (person === undefined) return <Nowhere />;
  return (
    <ChatPane
      label={`Chat with ${person.name}`}
      name={person.name}
      header={
        <ConversationHeader
          id={user}
          kind="direct"
          name={person.name}
          about={person.address ?? names.detail(user)}
          info={info}
          onInfo={() => (info ? goBack : go)({ at: 'chat', user, info: !info })}
        />
      }
      warning={person.identityChanged && <IdentityWarning user={user} name={person.name} />}
      chat={chat}
      to={{ user }}
    />
  );
}
