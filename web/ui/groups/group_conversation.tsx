import type { Chat, Group, Id } from '../../../schema/core';
import { ChatPane } from '../conversation/chat_pane';
import { ConversationHeader } from '../conversation/header';
import { Nowhere } from '../conversation/nowhere';
import { wordsForAsking } from '../group_words';
import { firstNameOf, inSentence } from '../person';
import { go, goBack } from '../route';
import { useGroup } from './use_group';

// A group's chat, named by its conversation.
export function GroupConversation({ conversation, info }: { conversation: Id; info: boolean }) {
  const { chat, group } = useGroup(conversation);
  if (chat === undefined) return <Nowhere />;
  return (
    <ChatPane
      label={`Group ${chat.title}`}
      name={chat.title}
      header={
        <ConversationHeader
          id={conversation}
          kind="group"
          name={chat.title}
          about={aboutGroup(chat, group)}
          info={info}
          onInfo={() =>
            (info ? goBack : go)({ at: 'group', conversation, beside: info ? 'nothing' : 'info' })
          }
        />
      }
      chat={chat}
      to={{ conversation }}
      members={group?.members ?? []}
    />
  );
}

// More names than this are not read in one line.
const kNamed = 6;

// Who is in it; before that, what waits there for the user.
function aboutGroup({ membership, requests = 0 }: Chat, group: Group | null): string | undefined {
  if (membership === 'out') return undefined;
  if (membership === 'joining') return 'Setting up…';
  const asking = requests === 0 ? '' : `${wordsForAsking(requests)} · `;
  return asking + whoIsIn(group);
}

function whoIsIn(group: Group | null): string {
  if (group === null) return 'Group';
  if (group.members.length > kNamed) return `${group.members.length} members`;
  // The user comes first, and is named last.
  const others = group.members.slice(1).map((member) => inSentence(firstNameOf(member.name)));
  return [...others, 'You'].join(', ');
}
