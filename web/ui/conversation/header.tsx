import { useId } from 'react';
import type { Chat, Id } from '../../../schema/core';
import { Avatar } from '../avatar';
import { IconButton } from '../controls';
import { BackIcon } from '../icons';
import { goBack } from '../route';
import { VerifiedMark } from '../safety/verified_mark';

interface Props {
  id: Id;
  kind: Chat['kind'];
  name: string;
  // Under the name: who it is, or who is in it.
  about?: string | undefined;
  // Whether the details stand beside the chat.
  info: boolean;
  onInfo: () => void;
}

export function ConversationHeader({ id, kind, name, about, info, onInfo }: Props) {
  const aboutId = useId();
  return (
    <header className="conversation-header">
      <IconButton label="Back" className="only-narrow" onClick={() => goBack({ at: 'chats' })}>
        <BackIcon />
      </IconButton>
      <h2 className="spoken" tabIndex={-1}>
        {name}
      </h2>
      <button
        type="button"
        className="conversation-about"
        aria-describedby={aboutId}
        aria-expanded={info}
        title={kind === 'group' ? 'About this group' : 'About this person'}
        onClick={onInfo}
      >
        <Avatar id={id} name={name} kind={kind} size="small" />
        <span className="conversation-title">
          <span className="conversation-name" aria-hidden="true">
            {name} {kind === 'direct' && <VerifiedMark user={id} />}
          </span>
          <span className="spoken">{name}, details</span>
          {about !== undefined && (
            <span id={aboutId} className="secondary" aria-hidden="true">
              {about}
            </span>
          )}
        </span>
      </button>
    </header>
  );
}
