import { useSelect } from '../../store/hooks';
import { chatsPutAway } from '../../store/select';
import { ArchiveIcon } from '../icons';
import { RouteLink } from '../route_link';

// Above the list: the way to the chats that are put away, where there are any.
export function ArchivedRow() {
  const count = useSelect(chatsPutAway).length;
  if (count === 0) return null;
  return (
    <RouteLink className="archived" to={{ at: 'archived' }}>
      <span className="archived-icon">
        <ArchiveIcon size={20} />
      </span>
      <span className="archived-name">Archived</span>
      <span className="meta" aria-hidden="true">
        {count}
      </span>
      <span className="spoken">{count === 1 ? '1 chat' : `${count} chats`}</span>
    </RouteLink>
  );
}
