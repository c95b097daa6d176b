import { useSelect } from '../../store/hooks';
import { peopleByName } from '../../store/select';
import { PaneHeader } from '../frame/pane_header';
import { ConnectionLine } from '../frame/connection_line';
import { GroupIcon } from '../icons';
import { go } from '../route';
import { RouteLink } from '../route_link';
import { ContactRow } from './contact_row';
import { FindForm } from './find_form';
import './chats.css';

export function NewChat() {
  const contacts = useSelect(peopleByName);
  return (
    <div className="pane">
      <PaneHeader title="New chat" />
      <ConnectionLine />
      <div className="pane-body">
        <div className="new-chat-find">
          <FindForm onFound={(contact) => go({ at: 'chat', user: contact.user, info: false })} />
        </div>
        <RouteLink className="chat-row" to={{ at: 'new_group', step: 'people' }}>
          <span className="avatar avatar-group avatar-new">
            <GroupIcon />
          </span>
          <span className="chat-row-name">New group</span>
        </RouteLink>
        {contacts.length > 0 && (
          <>
            <h2 className="list-heading">People you know</h2>
            <ul>
              {contacts.map((contact) => (
                <ContactRow key={contact.user} contact={contact} />
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
