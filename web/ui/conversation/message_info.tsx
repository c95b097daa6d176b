import { useId } from 'react';
import { createPortal } from 'react-dom';
import type { Id, Message } from '../../../schema/core';
import { Avatar } from '../avatar';
import { Dialog } from '../dialog';
import { explain } from '../explain';
import { Named } from '../named';
import { useNames } from '../names';
import type { Names } from '../names';
import { Ticks } from '../ticks';
import { useHeldFor } from '../use_clock';
import { useReceipts } from './use_receipts';
import './message_info.css';

// Over the page, and beside the list in it: what it looks like is not a message's.
export function MessageInfoDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  return createPortal(
    <Dialog title="Message info" closable onClose={onClose}>
      <MessageInfo message={message} />
    </Dialog>,
    document.body,
  );
}

// Who has read and received an own message, and who has not, as long as it is looked at; of a large group how many.
function MessageInfo({ message }: { message: Message }) {
  const { receipts, error } = useReceipts(message);
  const names = useNames();
  const slow = useHeldFor(receipts === null && error === null, 300);
  return (
    <div className="message-info">
      {error !== null && (
        <p className="field-error" role="alert">
          {explain(error)}
        </p>
      )}
      {slow && (
        <p className="secondary" role="status">
          Asking who has it…
        </p>
      )}
      {receipts !== null && 'of' in receipts && (
        <>
          <Count heading="Read by" state="read" count={receipts.read_count} of={receipts.of} />
          <Count heading="Delivered to" state="delivered" count={receipts.delivered_count} of={receipts.of} />
        </>
      )}
      {receipts !== null && 'read' in receipts && (
        <>
          <People heading="Read by" state="read" users={receipts.read} names={names} />
          <People heading="Delivered to" state="delivered" users={receipts.delivered} names={names} />
          <People heading="Not delivered yet" state="sent" users={receipts.waiting} names={names} />
          {receipts.read.length + receipts.delivered.length + receipts.waiting.length === 0 && (
            <p className="secondary">Nobody who was here when it was sent is still here.</p>
          )}
        </>
      )}
    </div>
  );
}

interface Part {
  heading: string;
  state: 'read' | 'delivered' | 'sent';
}

function Count({ heading, state, count, of }: Part & { count: number; of: number }) {
  return (
    <p className="message-info-head">
      <Ticks state={state} spoken={false} />
      {heading} {count.toLocaleString()} of {of.toLocaleString()}
    </p>
  );
}

function People({ heading, state, users, names }: Part & { users: readonly Id[]; names: Names }) {
  const id = useId();
  if (users.length === 0) return null;
  const named = users
    .map((user) => ({ user, name: names.of(user) }))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section>
      <h3 id={id} className="message-info-head">
        <Ticks state={state} spoken={false} />
        {heading}
        <span className="message-info-count">{users.length}</span>
      </h3>
      <ul aria-labelledby={id}>
        {named.map(({ user, name }) => (
          <li key={user} className="message-info-person">
            <Avatar id={user} name={name} size="small" />
            <Named className="message-info-name" name={name} user={user} names={names} />
          </li>
        ))}
      </ul>
    </section>
  );
}
