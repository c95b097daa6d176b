import { useSelect } from '../../store/hooks';
import { contactsByName } from '../../store/select';
import { PaneHeader } from '../frame/pane_header';
import { ConnectionLine } from '../frame/connection_line';
import { go } from '../route';
import { ContactRow } from './contact_row';
import { FindForm } from './find_form';
import './chats.css';

export function NewChat() {
  const contacts = useSelect(contactsByName);
  return (
    <div className="pane">
      <PaneHeader title="New chat" />
      <ConnectionLine />
      <div className="pane-body">
        <div className="new-chat-find">
          <FindForm onFound={(contact) => go({ at: 'chat', user: contact.user, info: false })} />
        </div>
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
