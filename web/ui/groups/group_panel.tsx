import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Id } from '../../../schema/core';
import { Avatar } from '../avatar';
import { Button, IconButton } from '../controls';
import { explain } from '../explain';
import { BackIcon, CloseIcon } from '../icons';
import { goBack, goInstead } from '../route';
import { useHeldFor } from '../use_clock';
import { AlertSettings } from '../alerts/alert_settings';
import { ExportEntry } from '../history/export_entry';
import { AddPeople } from './add_people';
import { GroupFace } from './group_face';
import { GroupRules } from './group_rules';
import { Invites } from './invites';
import { LeaveGroup } from './leave_group';
import { mayAdd, mayInvite, mayRule } from './may';
import { Members } from './members';
import { Requests } from './requests';
import { useGroup } from './use_group';
import type { KnownGroup } from './use_group';
import '../panel.css';
import './groups.css';

// Beside a group's chat: what is known of the group, or the choice of people to add.
export function GroupPanel({ conversation, adding }: { conversation: Id; adding: boolean }) {
  const known = useGroup(conversation);
  const { chat, group } = known;
  // Whoever is out adds nobody, and does not find themselves adding when they come in again.
  const lost = adding && chat?.membership === 'out';
  useEffect(() => {
    if (lost) goInstead({ at: 'group', conversation, beside: 'info' });
  }, [lost, conversation]);
  if (chat === undefined) return null;
  const backTo = (beside: 'nothing' | 'info') => () => goBack({ at: 'group', conversation, beside });
  // Before it is there, nothing can be done with it, and nobody is in it.
  const ready = chat.membership === 'member' && group !== null;
  if (adding && ready) {
    return (
      <Panel
        title="Add people"
        label={`Add people to ${chat.title}`}
        back="Back to the group"
        onClose={backTo('info')}
      >
        <AddPeople group={group} />
      </Panel>
    );
  }
  return (
    <Panel title="Group" label={`About ${chat.title}`} back="Back to the chat" onClose={backTo('nothing')}>
      <div className="pane-body">
        {!ready ? (
          <>
            <Unknown known={known} name={chat.title} conversation={conversation} />
            {chat.membership === 'out' && <ExportEntry chat={chat} />}
          </>
        ) : (
          <>
            <GroupFace group={group} />
            <AlertSettings chat={chat} />
            {mayAdd(group) && <Requests group={group} />}
            <Members group={group} />
            {mayInvite(group) && <Invites group={group} />}
            {mayRule(group) && <GroupRules group={group} />}
            <ExportEntry chat={chat} />
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
  back: string;
  onClose: () => void;
  children: ReactNode;
}

// Each panel's buttons are its own: whoever goes back by one finds the focus where it was before.
function Panel({ title, label, back, onClose, children }: PanelProps) {
  return (
    <aside className="info" aria-label={label}>
      <header className="pane-header">
        <IconButton key={`back ${title}`} label={back} className="info-back" onClick={onClose}>
          <BackIcon />
        </IconButton>
        <h2 tabIndex={-1}>{title}</h2>
        <IconButton key={`close ${title}`} label="Close" keys="Esc" className="info-close" onClick={onClose}>
          <CloseIcon size={20} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}

// Left, removed, not yet there, not yet told, or not to be had right now.
function Unknown({ known, name, conversation }: { known: KnownGroup; name: string; conversation: Id }) {
  const { chat, error, again } = known;
  const membership = chat?.membership;
  const slow = useHeldFor(membership === 'member' && error === null, 300);
  return (
    <div className="info-person">
      <Avatar id={conversation} name={name} kind="group" size="large" />
      <h3 className="info-name">{name}</h3>
      <p className="secondary" role="status">
        {membership === 'out' && 'You are not in this group any more. What was said stays here.'}
        {membership === 'joining' && 'Setting up…'}
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
