import type { MouseEvent } from 'react';
import { useTabIndex } from '../tab_stop';
import { holdLink } from './invite_link';

interface Props {
  address: string;
  link: string;
  // As it was written.
  text: string;
}

// An invite link of this server in what somebody wrote: opened here, since only one tab at a time has Kith.
export function InviteAnchor({ address, link, text }: Props) {
  function open(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    holdLink(link);
  }
  const tabIndex = useTabIndex();
  return (
    <a className="link" href={address} tabIndex={tabIndex} onClick={open}>
      {text}
    </a>
  );
}
