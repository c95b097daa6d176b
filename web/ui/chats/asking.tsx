import { wordsForAsking } from '../group_words';
import { AddPersonIcon } from '../icons';

// People who ask to come into a group.
export function Asking({ count }: { count: number }) {
  return (
    <span className="chat-row-asking">
      <AddPersonIcon size={16} />
      <span aria-hidden="true">{count}</span>
      <span className="spoken">{wordsForAsking(count)}</span>
    </span>
  );
}
