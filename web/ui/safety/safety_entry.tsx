import { useState } from 'react';
import { createPortal } from 'react-dom';
import type { Id } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { LockIcon } from '../icons';
import { SafetyDialog } from './safety_dialog';
import './safety.css';

// In what is told about a person: whether they are verified, and the way to their safety number.
export function SafetyEntry({ user, name }: { user: Id; name: string }) {
  const verified = useSelect((state) => state.contacts.get(user)?.verified === true);
  const [open, setOpen] = useState(false);
  return (
    <section className="info-part">
      <button type="button" className="member" onClick={() => setOpen(true)}>
        <span className="avatar avatar-small avatar-new">
          <LockIcon size={20} />
        </span>
        <span className="member-name">Safety number</span>
        <span className="secondary">{verified ? 'Verified' : 'Not verified'}</span>
      </button>
      {open && <SafetyDialog user={user} name={name} onClose={() => setOpen(false)} />}
    </section>
  );
}

// The same within a sentence, whose looks are not the dialog's.
export function CompareLink({ user, name }: { user: Id; name: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button button-text compare-link" onClick={() => setOpen(true)}>
        Compare safety numbers
      </button>
      {open &&
        createPortal(<SafetyDialog user={user} name={name} onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
