import { IconButton } from '../controls';
import { BackIcon } from '../icons';
import { goBack } from '../route';
import type { Route } from '../route';

// The header of what stands in the list's place for a while.
export function PaneHeader({ title, back = { at: 'chats' } }: { title: string; back?: Route }) {
  return (
    <header className="pane-header">
      <IconButton label="Back" keys="Esc" onClick={() => goBack(back)}>
        <BackIcon />
      </IconButton>
      <h1 tabIndex={-1}>{title}</h1>
    </header>
  );
}
