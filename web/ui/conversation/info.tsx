import type { Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { chatWith } from '../../store/select';
import { AlertSettings } from '../alerts/alert_settings';
import { Avatar } from '../avatar';
import { ExportEntry } from '../history/export_entry';
import { IconButton } from '../controls';
import { BackIcon, CloseIcon, LockIcon } from '../icons';
import { goBack } from '../route';
import { SafetyEntry } from '../safety/safety_entry';
import { VerifiedMark } from '../safety/verified_mark';
import { IdentityWarning } from './identity_warning';
import { usePerson } from './use_person';
import '../panel.css';

// About the person of the open chat.
export function Info({ user }: { user: Id }) {
  const person = usePerson(user);
  const chat = useSelect((state) => chatWith(state, user));
  if (person === undefined) return null;
  const close = () => goBack({ at: 'chat', user, info: false });
  return (
    <aside className="info" aria-label={`About ${person.name}`}>
      <header className="pane-header">
        <IconButton label="Back to the chat" className="info-back" onClick={close}>
          <BackIcon />
        </IconButton>
        <h2 tabIndex={-1}>About</h2>
        <IconButton label="Close" keys="Esc" className="info-close" onClick={close}>
          <CloseIcon size={20} />
        </IconButton>
      </header>
      <div className="pane-body">
        <div className="info-person">
          <Avatar id={user} name={person.name} size="large" />
          <h3 className="info-name">
            {person.name} <VerifiedMark user={user} />
          </h3>
          {person.address !== undefined && <p className="secondary">{person.address}</p>}
        </div>
        {person.identityChanged && <IdentityWarning user={user} name={person.name} />}
        <SafetyEntry user={user} name={person.name} />
        {chat !== undefined && <AlertSettings chat={chat} />}
        {chat !== undefined && <ExportEntry chat={chat} />}
        <p className="info-note note">
          <LockIcon size={20} />
          <span>
            Your messages are locked before they leave this device, and only {person.name}’s devices can open
            them. The server that carries them can’t.
          </span>
        </p>
      </div>
    </aside>
  );
}
