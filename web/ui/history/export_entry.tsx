import { useState } from 'react';
import type { Chat } from '../../../schema/core';
import { DownloadIcon } from '../icons';
import { ExportDialog } from './export_dialog';

// The way to a file of all chats, or of one.
export function ExportEntry({ chat }: { chat?: Chat }) {
  const [open, setOpen] = useState(false);
  return (
    <section className="info-part">
      <button type="button" className="member" onClick={() => setOpen(true)}>
        <span className="avatar avatar-small avatar-new">
          <DownloadIcon size={20} />
        </span>
        <span className="member-name">{chat === undefined ? 'Export my history' : 'Export this chat'}</span>
      </button>
      {open && <ExportDialog chat={chat} onClose={() => setOpen(false)} />}
    </section>
  );
}
