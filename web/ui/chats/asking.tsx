import { AddPersonIcon } from '../icons';

// People who ask to come into a group.
export function Asking({ count }: { count: number }) {
  return (
    <span className="chat-row-asking">
      <AddPersonIcon size={16} />
      {count}
      <span className="spoken">{count === 1 ? ' person asks to join' : ' people ask to join'}</span>
    </span>
  );
}
