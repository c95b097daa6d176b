import type { ReactNode } from 'react';
import type { Id } from '../../../schema/core';
import { Avatar } from '../avatar';
import { Button, IconButton } from '../controls';
import { explain } from '../explain';
import { BackIcon, CloseIcon } from '../icons';
import { goBack } from '../route';
import { useHeldFor } from '../use_clock';
import { AddPeople } from './add_people';
import { GroupFace } from './group_face';
import { GroupRules } from './group_rules';
import { LeaveGroup } from './leave_group';
import { mayRule } from './may';
import { Members } from './members';
import { useGroup } from './use_group';
import type { KnownGroup } from './use_group';
import '../conversation/info.css';
import './groups.css';

// Beside a group's chat: what is known of the group, or the choice of people to add.
export function GroupPanel({ conversation, adding }: { conversation: Id; adding: boolean }) {
  const known = useGroup(conversation);
  const { chat, group } = known;
  if (chat === undefined) return null;
  const toChat = () => goBack({ at: 'group', conversation, beside: 'nothing' });
  if (adding && group !== null) {
    return (
      <Panel title="Add people" label={`Add people to ${chat.title}`} onClose={toChat}>
        <AddPeople group={group} />
      </Panel>
    );
  }
  return (
    <Panel title="Group" label={`About ${chat.title}`} onClose={toChat}>
      <div className="pane-body">
        {group === null ? (
          <Unknown known={known} name={chat.title} conversation={conversation} />
        ) : (
          <>
            <GroupFace group={group} />
            <Members group={group} />
            {mayRule(group) && <GroupRules group={group} />}
            <LeaveGroup group={group} />
          </>
        )}
      </div>
    </Panel>
  );
}

interface PanelProps {
  title: string;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

function Panel({ title, label, onClose, children }: PanelProps) {
  return (
    <aside className="info" aria-label={label}>
      <header className="pane-header">
        <IconButton label="Back to the chat" className="info-back" onClick={onClose}>
          <BackIcon />
        </IconButton>
        <h2 tabIndex={-1}>{title}</h2>
        <IconButton label="Close" keys="Esc" className="info-close" onClick={onClose}>
          <CloseIcon size={20} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}

// Left, removed, not yet told, or not to be had right now.
function Unknown({ known, name, conversation }: { known: KnownGroup; name: string; conversation: Id }) {
  const { chat, error, again } = known;
  const out = chat?.membership === 'out';
  const slow = useHeldFor(!out && error === null, 300);
  return (
    <div className="info-person">
      <Avatar id={conversation} name={name} kind="group" size="large" />
      <h3 className="info-name">{name}</h3>
      <p className="secondary" role="status">
        {out && 'You are not in this group any more. What was said stays here.'}
        {slow && 'Loading…'}
      </p>
      {error !== null && (
        <>
          <p className="field-error" role="alert">
            {explain(error)}
          </p>
          <Button look="text" onClick={again}>
            Try again
          </Button>
        </>
      )}
    </div>
  );
}
