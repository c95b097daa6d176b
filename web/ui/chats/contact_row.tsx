import { memo } from 'react';
import type { Contact } from '../../../schema/core';
import { useNames } from '../names';
import { Avatar } from '../avatar';
import { RouteLink } from '../route_link';

export const ContactRow = memo(function ContactRow({ contact }: { contact: Contact }) {
  const names = useNames();
  const about = contact.address ?? names.detail(contact.user);
  return (
    <li>
      <RouteLink className="chat-row" to={{ at: 'chat', user: contact.user, info: false }}>
        <Avatar id={contact.user} name={contact.name} />
        <span className="chat-row-text">
          <span className="chat-row-name">{contact.name}</span>
          {about !== undefined && <span className="chat-row-last">{about}</span>}
        </span>
      </RouteLink>
    </li>
  );
});
