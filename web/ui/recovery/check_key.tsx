import { useState } from 'react';
import { Dialog } from '../dialog';
import { LockIcon } from '../icons';
import { KeyEntry } from './key_entry';
import { ownVerdict } from './key_field';

// The way to look whether the key that was kept is the right one.
export function CheckKeyEntry() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="member" onClick={() => setOpen(true)}>
        <span className="avatar avatar-small avatar-new">
          <LockIcon size={20} />
        </span>
        <span className="member-name">Check your recovery key</span>
      </button>
      {open && (
        <Dialog title="Check your recovery key" closable onClose={() => setOpen(false)}>
          <p className="dialog-text">
            Is what you kept still good? Only this key brings your account back when all your devices are
            lost. It stays on this device, and is forgotten when you close this.
          </p>
          <KeyEntry verdict={ownVerdict} />
        </Dialog>
      )}
    </>
  );
}
